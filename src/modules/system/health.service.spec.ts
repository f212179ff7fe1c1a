import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { BehaviorSubject, Subject } from 'rxjs';
import { SilentLogger } from '../../common/logger.port.js';
import type { SyncProgress } from '../sync/index.js';
import { HealthService } from './health.service.js';
import { systemConfigSchema } from './system.config.js';

const progressOf = (state: SyncProgress['state'], currentHeight: number, highestHeight: number) =>
  ({ state, currentHeight, highestHeight }) as SyncProgress;

describe(HealthService.name, () => {
  const progress$ = new BehaviorSubject(progressOf('idle', 0, 0));
  const events$ = new Subject<unknown>();
  let peers: unknown[];
  let told: Record<string, boolean>;
  let sut: HealthService;

  beforeEach(() => {
    peers = [];
    told = {};
    progress$.next(progressOf('idle', 0, 0));
    sut = new HealthService(
      { progress$ } as never,
      { events$, list: () => peers } as never,
      {
        setServing: (service, isServing) => {
          told[service] = isServing;
        },
      },
      systemConfigSchema.parse({ health: { maxLag: 2, minPeers: 2 } }),
      new SilentLogger(),
    );
    sut.onApplicationBootstrap();
  });

  afterEach(() => sut.onApplicationShutdown());

  it.each([
    ['idle', 5, 5, true],
    ['syncing', 5, 7, true],
    ['syncing', 5, 8, false],
    ['paused', 5, 90, true],
    ['stopped', 5, 5, false],
  ] as const)('sync that is %s at %i of %i: %s', (state, current, highest, expected) => {
    progress$.next(progressOf(state, current, highest));
    expect(told['edgekeeper.sync']).toBe(expected);
  });

  it('peers are too few until there are so many', () => {
    expect(told['edgekeeper.peers']).toBe(false);
    peers = [1, 2];
    events$.next({});
    expect(told['edgekeeper.peers']).toBe(true);
    peers = [1];
    events$.next({});
    expect(told['edgekeeper.peers']).toBe(false);
  });

  it('tells nothing more at the end', () => {
    sut.onApplicationShutdown();
    progress$.next(progressOf('stopped', 0, 0));
    expect([progress$.observed, events$.observed, told['edgekeeper.sync']]).toEqual([false, false, true]);
  });
});

import { expect } from '@jest/globals';
import { Backoff } from '../../src/common/backoff.js';
import { NoMetrics } from '../../src/common/metrics.port.js';
import { PeerHeights } from '../../src/modules/sync/peer-heights.js';
import type { SyncProgress } from '../../src/modules/sync/ports/sync.port.js';
import { RoundRunner } from '../../src/modules/sync/round-runner.js';
import { SkipList } from '../../src/modules/sync/skip-list.js';
import { StatusGossipService } from '../../src/modules/sync/status-gossip.service.js';
import { StatusPollerService } from '../../src/modules/sync/status-poller.service.js';
import { syncConfigSchema } from '../../src/modules/sync/sync.config.js';
import type { SyncEvent } from '../../src/modules/sync/sync.events.js';
import { createSyncMetrics } from '../../src/modules/sync/sync.metrics.js';
import { SyncService } from '../../src/modules/sync/sync.service.js';
import { SyncPeerClient } from '../../src/modules/sync/sync-peer.client.js';
import { FakeChain } from './fake-chain.js';
import { FakeNetwork, peerId } from './fake-network.js';
import { ManualClock } from './manual-clock.js';
import { RecordingLogger } from './recording-logger.js';

/** The nearest peer. */
export const a = peerId('a');
export const b = peerId('b');
const distances = new Map([
  [a, 1n],
  [b, 2n],
]);

const worlds: (() => Promise<void>)[] = [];

/** The services of sync over fakes. End each test with {@link endWorlds}. */
export function syncWorld({ height = 0, settings = {} } = {}) {
  const clock = new ManualClock();
  const network = new FakeNetwork(clock);
  const chain = new FakeChain(height);
  const config = syncConfigSchema.parse({ batchBlocks: 16, ...settings });
  const log = new RecordingLogger();
  const metrics = createSyncMetrics(new NoMetrics());
  const random = { bytes: () => new Uint8Array(), below: (limit: number) => limit - 1 };
  const backoff = new Backoff({ baseMs: config.retryBaseMs, maxMs: config.retryMaxMs }, random);
  const heights = new PeerHeights({
    head: () => chain.head()?.number ?? -1,
    distanceTo: (id) => distances.get(id) ?? 9n,
    maxClaimAhead: config.maxClaimAhead,
  });
  const client = new SyncPeerClient(network, config, { protocol: '/syncer/0.2', maxBlockBytes: 4_194_304 });
  const runner = new RoundRunner(client, chain, clock, config, metrics);
  const sync = new SyncService(network, chain, heights, new SkipList(backoff, clock), runner, clock, log);
  const poller = new StatusPollerService(network, client, heights, backoff, clock, config, log);
  const gossip = new StatusGossipService(network, network, heights, config, metrics, log);
  const events: SyncEvent[] = [];
  const openAtEnds: number[] = [];
  const progress: SyncProgress[] = [];
  sync.events$.subscribe((event) => {
    events.push(event);
    if (event.type === 'round:ended') openAtEnds.push(network.openCalls);
  });
  sync.progress$.subscribe((state) => progress.push(state));
  const start = () => {
    for (const service of [sync, poller, gossip]) service.onApplicationBootstrap();
  };
  const stop = async () => {
    gossip.beforeApplicationShutdown();
    await Promise.all([sync.beforeApplicationShutdown(), poller.beforeApplicationShutdown()]);
  };
  worlds.push(async () => {
    await stop();
    expect(clock.pendingTimers).toBe(0);
    expect(openAtEnds.filter((open) => open > 0)).toEqual([]);
    expect(network.openCalls).toBe(0);
    expect(sync.progress().state).toBe('stopped');
    const rounds = events.map(({ type }) => type);
    expect(rounds).toEqual(rounds.map((_, i) => (i % 2 === 0 ? 'round:started' : 'round:ended')));
  });
  const outcomes = () =>
    events.flatMap((event) =>
      event.type === 'round:ended' ? [[event.peerId, event.reached, event.error?.code ?? 'ok']] : [],
    );
  return { clock, network, chain, log, sync, events, progress, outcomes, start, stop };
}

/** Stops what {@link syncWorld} made; nothing may be left behind. */
export async function endWorlds(): Promise<void> {
  for (const end of worlds.splice(0)) await end();
}

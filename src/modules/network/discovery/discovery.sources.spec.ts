import { describe, expect, it } from '@jest/globals';
import { Subject } from 'rxjs';
import { ManualClock } from '../../../../test/support/manual-clock.js';
import { aPeerId } from '../../../../test/support/peer-ids.js';
import { PoolUnderTest } from '../../../../test/support/pool-under-test.js';
import { RecordingLogger } from '../../../../test/support/recording-logger.js';
import { PeerTable } from '../peers/peer-table.js';
import type { Candidate, PeerDiscovery } from '../ports/peer-discovery.port.js';
import type { PeerAddress } from '../ports/types.js';
import { POOL_LIMITS } from './candidate-pool.js';
import { DiscoveryService } from './discovery.service.js';
import { RoutingTable } from './routing-table.js';

const at = (n: number): PeerAddress => ({
  peerId: aPeerId(n),
  transport: `/ip4/8.${n >> 8}.${n & 0xff}.1/tcp/1`,
});

class ScriptedDiscovery implements PeerDiscovery {
  readonly found = new Subject<Candidate>();
  readonly candidates$ = this.found.asObservable();
  readonly acts: string[] = [];
  isPaused = false;

  constructor(
    readonly name: string,
    private readonly isBroken = false,
  ) {}

  async start(): Promise<void> {
    this.#act('start');
  }

  async stop(): Promise<void> {
    this.#act('stop');
  }

  async locate(): Promise<readonly PeerAddress[]> {
    return [];
  }

  #act(act: string): void {
    this.acts.push(act);
    if (this.isBroken) throw new Error('broken');
  }
}

function rig({ good = [], isOn = true }: { good?: readonly PeerAddress[]; isOn?: boolean } = {}) {
  const [broken, sound] = [new ScriptedDiscovery('broken', true), new ScriptedDiscovery('sound')];
  const { pool, reached } = new PoolUnderTest({ denied: ['9.0.0.0/8'] });
  const learned: PeerAddress[] = [];
  for (const { peerId, transport } of good) reached.set(peerId, transport);
  const book = { knownGood: () => good, learned: (address: PeerAddress) => void learned.push(address) };
  const table = new PeerTable(new ManualClock());
  const routing = new RoutingTable(aPeerId(0), 20, { bucketFull: () => {} });
  const log = new RecordingLogger();
  const config = { discovery: isOn };
  const service = new DiscoveryService(config, [broken, sound], pool, book, table, routing, log);
  return { service, broken, sound, pool, learned, log };
}

describe(DiscoveryService.name, () => {
  it('gathers what the ways of finding peers tell, and remembers what is new and fit', async () => {
    const { service, broken, sound, pool, learned } = rig();
    await service.start();
    broken.found.next({ address: at(1), source: 'a' });
    sound.found.next({ address: at(1), source: 'b' });
    sound.found.next({ address: at(2), source: 'b' });
    sound.found.next({ address: { peerId: aPeerId(3), transport: '/ip4/9.9.9.9/tcp/1' }, source: 'b' });
    expect(pool.size).toBe(2);
    expect(learned).toEqual([at(1), at(2)]);
  });

  it('offers those that were well before, at the start', async () => {
    const good = Array.from({ length: 2 * POOL_LIMITS.perSource }, (_, n) => at(n + 1));
    const { service, sound, pool, learned } = rig({ good });
    sound.start = async () => expect(pool.size).toBe(POOL_LIMITS.perSource);
    await service.start();
    expect(pool.size).toBe(POOL_LIMITS.perSource);
    expect(learned).toEqual([]);
  });

  it('has all ways wait, and go on', async () => {
    const { service, broken, sound } = rig();
    service.isPaused = true;
    expect([service, broken, sound].map(({ isPaused }) => isPaused)).toEqual([true, true, true]);
    await service.start();
    service.isPaused = false;
    expect([service, broken, sound].map(({ isPaused }) => isPaused)).toEqual([false, false, false]);
  });

  it('goes on when one way fails, and says so', async () => {
    const { service, broken, sound, log } = rig();
    await service.start();
    await service.start();
    await service.stop();
    for (const { acts } of [broken, sound]) expect(acts).toEqual(['start', 'stop']);
    const warnings = log.lines.filter(({ level }) => level === 'warn');
    expect(warnings).toMatchObject([
      { fields: { name: 'broken', act: 'start' } },
      { fields: { name: 'broken', act: 'stop' } },
    ]);
  });

  it('takes nothing after the stop, and starts no more', async () => {
    const { service, sound, pool } = rig({ good: [at(1)] });
    await service.stop();
    await service.start();
    sound.found.next({ address: at(2), source: 'a' });
    expect(pool.size).toBe(0);
    expect(sound.acts).toEqual(['stop']);
  });

  it('starts nothing when it is off', async () => {
    const { service, sound, pool } = rig({ good: [at(1)], isOn: false });
    await service.start();
    expect([pool.size, sound.acts.length]).toEqual([0, 0]);
  });
});

import { setImmediate as settle } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { FakeNetwork, peerId } from '../../../test/support/fake-network.js';
import { ManualClock } from '../../../test/support/manual-clock.js';
import { honestPeer, type PeerScript } from '../../../test/support/peer-scripts.js';
import { Backoff } from '../../common/backoff.js';
import { SilentLogger } from '../../common/logger.port.js';
import { NetworkError } from '../network/index.js';
import { PeerHeights } from './peer-heights.js';
import { StatusPollerService } from './status-poller.service.js';
import { syncConfigSchema } from './sync.config.js';
import { SyncPeerClient } from './sync-peer.client.js';

const a = peerId('a');
const b = peerId('b');

function setUp() {
  const clock = new ManualClock();
  const network = new FakeNetwork(clock);
  const config = syncConfigSchema.parse({});
  const heights = new PeerHeights({ head: () => 0, distanceTo: () => 0n, maxClaimAhead: 1_000 });
  const client = new SyncPeerClient(network, config, { protocol: '/syncer/0.2', maxBlockBytes: 4_194_304 });
  const random = { bytes: () => new Uint8Array(), below: (limit: number) => limit - 1 };
  const backoff = new Backoff({ baseMs: 1_000, maxMs: 60_000 }, random);
  const service = new StatusPollerService(
    network,
    client,
    heights,
    backoff,
    clock,
    config,
    new SilentLogger(),
  );
  const known = () => heights.list().map(({ peerId: id, number }) => [id, number]);
  return { clock, network, service, known };
}

/** Answers each GetStatus by the next of these; a missing one never answers. */
const answers = (...list: (bigint | Error)[]) => {
  let asked = 0;
  const script: PeerScript = {
    ...honestPeer(() => 0),
    status: async () => {
      const answer = list[asked++];
      if (answer === undefined) return new Promise<never>(() => {});
      if (answer instanceof Error) throw answer;
      return answer;
    },
  };
  return { script, asked: () => asked };
};

describe(StatusPollerService.name, () => {
  it('asks the peers that are there at the start, and those that come', async () => {
    const { clock, network, service, known } = setUp();
    network.connect(
      a,
      honestPeer(() => 7),
    );
    service.onApplicationBootstrap();
    network.connect(
      b,
      honestPeer(() => 9),
    );
    await settle();
    expect(known()).toEqual([
      [a, 7],
      [b, 9],
    ]);
    await service.beforeApplicationShutdown();
    expect(known()).toEqual([]);
    expect(clock.pendingTimers).toBe(0);
  });

  it('asks again, so that a peer that never gossips is not stuck at its first height', async () => {
    const { clock, network, service, known } = setUp();
    let height = 7;
    service.onApplicationBootstrap();
    network.connect(
      a,
      honestPeer(() => height),
    );
    await settle();
    height = 5;
    await clock.advanceAsync(29_999);
    expect(known()).toEqual([[a, 7]]);
    await clock.advanceAsync(1);
    await settle();
    expect(known()).toEqual([[a, 5]]);
    await service.beforeApplicationShutdown();
  });

  it('forgets a peer that leaves, also while it is being asked', async () => {
    const { clock, network, service, known } = setUp();
    service.onApplicationBootstrap();
    const silent = answers();
    network.connect(
      a,
      honestPeer(() => 7),
    );
    network.connect(b, silent.script);
    await settle();
    network.leave(a);
    network.leave(b);
    await settle();
    expect(known()).toEqual([]);
    expect(clock.pendingTimers).toBe(0);
    await service.beforeApplicationShutdown();
  });

  it('does not take the answer of a peer that left meanwhile', async () => {
    const { network, service, known } = setUp();
    let answer = (_height: unknown) => {};
    network.call = <_Request, Response>() =>
      new Promise<Response>((resolve) => {
        answer = (height) => resolve(height as Response);
      });
    service.onApplicationBootstrap();
    network.connect(
      a,
      honestPeer(() => 7),
    );
    network.leave(a);
    answer(7n);
    await settle();
    expect(known()).toEqual([]);
    await service.beforeApplicationShutdown();
  });

  it('tries again, later each time, when a peer does not serve sync yet', async () => {
    const { clock, network, service, known } = setUp();
    const late = new NetworkError({
      code: 'NETWORK.PROTOCOL_UNSUPPORTED',
      peerId: a,
      protocol: '/syncer/0.2',
    });
    const { script, asked } = answers(late, late, 8n);
    service.onApplicationBootstrap();
    network.connect(a, script);
    await clock.advanceAsync(999);
    expect(asked()).toBe(1);
    await clock.advanceAsync(1);
    await settle();
    expect(asked()).toBe(2);
    await clock.advanceAsync(1_999);
    expect(asked()).toBe(2);
    await clock.advanceAsync(1);
    await settle();
    expect(known()).toEqual([[a, 8]]);
    expect(network.faults).toEqual([]);
    await service.beforeApplicationShutdown();
  });

  it('gives a silent peer ten seconds', async () => {
    const { clock, network, service, known } = setUp();
    service.onApplicationBootstrap();
    const { script, asked } = answers();
    network.connect(a, script);
    await clock.advanceAsync(10_999);
    expect(asked()).toBe(1);
    await clock.advanceAsync(1);
    await settle();
    expect(asked()).toBe(2);
    expect(known()).toEqual([]);
    await service.beforeApplicationShutdown();
    expect(clock.pendingTimers).toBe(0);
  });

  it.each([1_001n, 2n ** 53n, 2n ** 63n, 2n ** 64n - 1n])('drops a peer that claims %d', async (claimed) => {
    const { clock, network, service, known } = setUp();
    service.onApplicationBootstrap();
    network.connect(a, answers(claimed).script);
    await settle();
    expect(known()).toEqual([]);
    expect(network.faults).toMatchObject([{ peerId: a, code: 'SYNC.IMPLAUSIBLE_HEIGHT', severity: 'drop' }]);
    expect(clock.pendingTimers).toBe(0);
    await service.beforeApplicationShutdown();
  });

  it('may be stopped twice, and before it starts', async () => {
    const { clock, network, service, known } = setUp();
    network.connect(
      a,
      honestPeer(() => 7),
    );
    await service.beforeApplicationShutdown();
    await service.beforeApplicationShutdown();
    service.onApplicationBootstrap();
    await settle();
    expect(known()).toEqual([]);
    expect(clock.pendingTimers).toBe(0);
  });
});

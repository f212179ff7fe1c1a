import { setImmediate as settle } from 'node:timers/promises';
import { expect } from '@jest/globals';
import { Backoff } from '../../src/common/backoff.js';
import { NoMetrics } from '../../src/common/metrics.port.js';
import { BranchFinder } from '../../src/modules/sync/branch-finder.js';
import { Fetcher } from '../../src/modules/sync/fetcher.js';
import { InsertOutcomes } from '../../src/modules/sync/insert-outcomes.js';
import { InsertQueue } from '../../src/modules/sync/insert-queue.js';
import { PeerConduct } from '../../src/modules/sync/peer-conduct.js';
import { PeerHeights } from '../../src/modules/sync/peer-heights.js';
import type { SyncProgress } from '../../src/modules/sync/ports/sync.port.js';
import { RangeBook } from '../../src/modules/sync/range-book.js';
import { RangeReader } from '../../src/modules/sync/range-reader.js';
import { SkipList } from '../../src/modules/sync/skip-list.js';
import { StatusGossipService } from '../../src/modules/sync/status-gossip.service.js';
import { StatusPollerService } from '../../src/modules/sync/status-poller.service.js';
import { syncConfigSchema } from '../../src/modules/sync/sync.config.js';
import type { SyncEvent } from '../../src/modules/sync/sync.events.js';
import { createSyncMetrics } from '../../src/modules/sync/sync.metrics.js';
import { SyncService } from '../../src/modules/sync/sync.service.js';
import { SyncPeerClient } from '../../src/modules/sync/sync-peer.client.js';
import { VoteCopies } from '../../src/modules/sync/vote-copies.js';
import { VoteDisputes } from '../../src/modules/sync/vote-disputes.js';
import { VoteWatch } from '../../src/modules/sync/vote-watch.js';
import { FakeChain, fakeBlock, readFakeVote } from './fake-chain.js';
import { FakeNetwork, peerId } from './fake-network.js';
import { ManualClock } from './manual-clock.js';
import { type PeerScript, scriptedPeer } from './peer-scripts.js';
import { RecordingLogger } from './recording-logger.js';

/** The nearest peer. */
export const a = peerId('a');
export const b = peerId('b');
export const c = peerId('c');
const distances = new Map([
  [a, 1n],
  [b, 2n],
  [c, 3n],
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
  const conduct = new PeerConduct(network, chain, heights, new SkipList(backoff, clock), clock, log);
  const book = new RangeBook(config);
  const inserts = new InsertQueue(book, chain, chain, clock, metrics);
  const reader = new RangeReader(client, book, clock, config, metrics);
  const fetcher = new Fetcher(book, inserts, reader, conduct, clock, config, metrics);
  const branches = new BranchFinder(client, inserts, chain, chain, clock, config);
  const copies = new VoteCopies(client, chain, readFakeVote);
  const disputes = new VoteDisputes(copies, book, inserts, conduct, chain, chain);
  const votes = new VoteWatch(copies, conduct, disputes, chain, clock, metrics);
  const outcomes = new InsertOutcomes(inserts, fetcher, conduct, branches, disputes, votes);
  const sync = new SyncService(chain, heights, conduct, fetcher, outcomes, clock, log);
  const poller = new StatusPollerService(network, client, heights, backoff, clock, config, log);
  const gossip = new StatusGossipService(network, network, heights, config, metrics, log);
  const events: SyncEvent[] = [];
  const progress: SyncProgress[] = [];
  sync.events$.subscribe((event) => events.push(event));
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
    expect(network.openCalls).toBe(0);
    expect(chain.waiting).toBe(0);
    expect({ blocks: book.blocks, bytes: book.bytes, isEmpty: book.isEmpty }).toEqual({
      blocks: 0,
      bytes: 0,
      isEmpty: true,
    });
    expect(sync.progress().state).toBe('stopped');
    expect(log.messages('error').filter((message) => message !== 'blocks could not be stored')).toEqual([]);
    const starts = events.filter(({ type }) => type === 'round:started');
    expect(events).toHaveLength(2 * starts.length);
  });
  /** Of the rounds that ended. */
  const roundsOf = () =>
    events.flatMap((event) =>
      event.type === 'round:ended' ? [[event.peerId, event.reached, event.error?.code ?? 'ok']] : [],
    );
  return { clock, network, chain, log, book, sync, events, progress, outcomes: roundsOf, start, stop };
}

/** Stops what {@link syncWorld} made; nothing may be left behind. */
export async function endWorlds(): Promise<void> {
  for (const end of worlds.splice(0)) await end();
}

/** Like `honestPeer`, but lets others have their turn, as a wire does. */
export const wiredPeer = (height: number): PeerScript =>
  scriptedPeer(BigInt(height), async function* (from) {
    for (let number = from; number <= height; number++) {
      if (number % 64 === 0) await settle();
      yield fakeBlock(number);
    }
  });

/** Lets promises and I/O settle until that holds. */
export async function until(isDone: () => boolean): Promise<void> {
  for (let turns = 0; turns < 20_000 && !isDone(); turns++) await settle();
  expect(isDone()).toBe(true);
}

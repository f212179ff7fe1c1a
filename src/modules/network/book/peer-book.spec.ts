import { describe, expect, it } from '@jest/globals';
import { ManualClock } from '../../../../test/support/manual-clock.js';
import { testPeerId } from '../../../../test/support/peer-ids.js';
import { RecordingLogger } from '../../../../test/support/recording-logger.js';
import { InMemoryPeerStore } from '../adapters/memory/in-memory-peer-store.js';
import { NetworkError } from '../network.errors.js';
import type { PeerStoreChanges } from '../ports/peer-store.port.js';
import { PeerBook } from './peer-book.js';

const [ada, bob, cyd] = [testPeerId(1), testPeerId(2), testPeerId(3)];
const at = (n: number, port = 1) => ({ peerId: testPeerId(n), transport: `/ip4/192.0.2.${n}/tcp/${port}` });

/** Fails on demand, and keeps what it was asked to write. */
class MoodyStore extends InMemoryPeerStore {
  readonly writes: PeerStoreChanges[] = [];
  fails = false;

  override async write(changes: PeerStoreChanges): Promise<void> {
    this.writes.push(changes);
    if (this.fails) throw new NetworkError({ code: 'NETWORK.STORE_FAILED', reason: 'the disk is full' });
    await super.write(changes);
  }
}

function aBook({ store = new MoodyStore(), clock = new ManualClock(), capacity = 16 } = {}) {
  const log = new RecordingLogger();
  return { store, clock, log, book: new PeerBook(store, clock, log, { capacity }) };
}

describe(PeerBook.name, () => {
  it('knows nothing of a stranger', () => {
    const { book } = aBook();
    expect(book.addressesOf(ada)).toEqual([]);
    expect(book.isKnownGood(ada)).toBe(false);
    expect(book.quarantinedUntilMs(ada)).toBeUndefined();
    expect(book.scoreOf(ada)).toMatchObject({ score: 0, reasons: [] });
    expect(book.knownGood()).toEqual([]);
  });

  it('gives addresses best first: those that worked, those untried, those that failed', () => {
    const { book } = aBook();
    for (const port of [1, 2, 3]) book.learned(at(1, port));
    book.failed(at(1, 1));
    book.reached(at(1, 3));
    expect(book.addressesOf(ada)).toEqual([3, 2, 1].map((port) => at(1, port).transport));
  });

  it('takes no address without a transport, and no failure of an address that is not known', async () => {
    const { book, store } = aBook();
    book.learned({ peerId: ada, transport: '' });
    book.reached({ peerId: ada, transport: '' });
    book.failed(at(1));
    await book.flush();
    expect(store.writes).toEqual([]);
    book.learned(at(1));
    book.failed(at(1, 9));
    expect(book.addressesOf(ada)).toEqual([at(1).transport]);
  });

  it('calls those good that a dial of ours reached, the latest first', () => {
    const { book, clock } = aBook();
    book.learned(at(3));
    book.seen(cyd);
    book.reached(at(1));
    clock.advance(1);
    book.reached(at(2));
    clock.advance(1);
    book.failed(at(2));
    book.setScore(ada, { score: -1, scoredAtMs: 0, reasons: [] });
    expect(book.knownGood()).toEqual([at(2), at(1)]);
    expect([ada, bob, cyd].map((peerId) => book.isKnownGood(peerId))).toEqual([true, true, false]);
  });

  it('calls nobody good in quarantine, and everybody again after it', () => {
    const { book, clock } = aBook();
    book.reached(at(1));
    const untilMs = clock.nowMs() + 1_000;
    book.quarantine(ada, untilMs);
    expect(book.quarantinedUntilMs(ada)).toBe(untilMs);
    expect([book.isKnownGood(ada), book.knownGood()]).toEqual([false, []]);
    clock.advance(1_000);
    expect(book.quarantinedUntilMs(ada)).toBeUndefined();
    expect([book.isKnownGood(ada), book.knownGood()]).toEqual([true, [at(1)]]);
  });

  it('remembers everything in the next run', async () => {
    const { book, store, clock } = aBook();
    book.reached(at(1));
    book.seen(ada);
    book.learned(at(2));
    book.quarantine(cyd, clock.nowMs() + 5_000);
    book.setScore(bob, { score: -7, scoredAtMs: clock.nowMs(), reasons: [] });
    await book.flush();
    const next = aBook({ store, clock }).book;
    await next.load();
    expect(next.knownGood()).toEqual([at(1)]);
    expect(next.addressesOf(bob)).toEqual([at(2).transport]);
    expect(next.scoreOf(bob).score).toBe(-7);
    expect(next.quarantinedUntilMs(cyd)).toBe(clock.nowMs() + 5_000);
  });

  it('writes what changed every five seconds, and nothing when nothing did', async () => {
    const { book, store, clock } = aBook();
    const stop = new AbortController();
    book.start(stop.signal);
    book.learned(at(1));
    book.learned(at(1));
    book.reached(at(2));
    await clock.advanceAsync(4_999);
    expect(store.writes).toHaveLength(0);
    await clock.advanceAsync(1);
    expect(store.writes).toHaveLength(1);
    expect(store.writes[0]?.peers).toHaveLength(2);
    await clock.advanceAsync(20_000);
    expect(store.writes).toHaveLength(1);
    stop.abort();
    book.reached(at(3));
    await clock.advanceAsync(20_000);
    expect(store.writes).toHaveLength(1);
    expect(clock.pendingTimers).toBe(0);
  });

  it('loses nothing while the store fails, and says so once in a row', async () => {
    const { book, store, log } = aBook();
    store.fails = true;
    book.learned(at(1));
    await book.flush();
    book.learned(at(2));
    await book.flush();
    expect(log.messages('warn')).toHaveLength(1);
    expect(book.addressesOf(ada)).toEqual([at(1).transport]);
    store.fails = false;
    await book.flush();
    expect((await store.read()).peers).toHaveLength(2);
    store.fails = true;
    book.learned(at(3));
    await book.flush();
    expect(log.messages('warn')).toHaveLength(2);
  });

  it('keeps what changes during a write for the next', async () => {
    const { book, store } = aBook();
    book.learned(at(1));
    const flushed = book.flush();
    book.learned(at(2));
    book.reached(at(1));
    await Promise.all([flushed, book.flush()]);
    const { peers } = await store.read();
    expect(peers.map(({ peerId }) => peerId).sort()).toEqual([ada, bob].sort());
    expect(peers.find(({ peerId }) => peerId === ada)?.addresses[0]?.reachedAtMs).toBeDefined();
  });

  it('forgets in the store too whom it has no room for', async () => {
    const { book, store } = aBook({ capacity: 2 });
    for (const n of [1, 2]) book.learned(at(n));
    await book.flush();
    book.reached(at(3));
    book.learned(at(4));
    await book.flush();
    const { peers } = await store.read();
    expect(peers.map(({ peerId }) => peerId).sort()).toEqual([cyd, testPeerId(4)].sort());
  });

  it('keeps the best of a store that holds more than there is room for', async () => {
    const { book, store, clock } = aBook();
    book.reached(at(1));
    clock.advance(1);
    book.reached(at(2));
    for (const n of [3, 4, 5]) book.learned(at(n));
    await book.flush();
    const small = aBook({ store, clock, capacity: 2 }).book;
    await small.load();
    expect(small.knownGood()).toEqual([at(2), at(1)]);
    await small.flush();
    expect((await store.read()).peers).toHaveLength(2);
  });

  it('starts empty when the store cannot be read', async () => {
    const { book, store, log } = aBook();
    await store.close();
    await book.load();
    expect(book.knownGood()).toEqual([]);
    expect(log.messages('warn')).toHaveLength(1);
  });
});

import { describe, expect, it } from '@jest/globals';
import { ManualClock } from '../../../../test/support/manual-clock.js';
import { testPeerId } from '../../../../test/support/peer-ids.js';
import { SilentLogger } from '../../../common/logger.port.js';
import { InMemoryPeerStore } from '../adapters/memory/in-memory-peer-store.js';
import { PeerBook } from '../book/peer-book.js';
import { PinnedPeers } from '../book/pinned-peers.js';
import { NetworkError } from '../network.errors.js';
import { PeerTable } from '../peers/peer-table.js';
import { BanList } from './ban-list.js';
import { Conduct } from './conduct.service.js';
import { BAN_MS, SCORE_HALF_LIFE_MS } from './peer-scores.js';

const peerId = testPeerId(1);
const path = '/v1.SyncPeer/GetBlocks';
// What they cost says the table of consequences: 25 and out, 10 and out, 5, nothing and out, nothing.
const lie = new NetworkError({ code: 'NETWORK.CLAIMED_PEER_ID', peerId, claimed: 'x' });
const junk = new NetworkError({ code: 'NETWORK.BAD_MESSAGE', peerId, path, reason: 'x' });
const flood = new NetworkError({ code: 'NETWORK.GOSSIP_ABUSE', peerId, reason: 'x' });
const noSlot = new NetworkError({ code: 'NETWORK.NO_FREE_SLOT', peerId, direction: 'inbound' });
const lost = new NetworkError({ code: 'NETWORK.CONNECTION_CLOSED', peerId });

function aCourt({ trustedPeers = [] as string[] } = {}) {
  const [store, clock, log] = [new InMemoryPeerStore(), new ManualClock(), new SilentLogger()];
  const book = new PeerBook(store, clock, log, { capacity: 16 });
  const bans = new BanList(store, clock, log, { bans: () => {} });
  const pinned = new PinnedPeers(store, log, { staticPeers: [], trustedPeers });
  const table = new PeerTable(clock);
  const codes: string[] = [];
  const metrics = { scoreLowered: (code: string) => codes.push(code) };
  const conduct = new Conduct(book, bans, pinned, table, clock, log, metrics);
  /** What was published and who was expelled, in order. */
  const happened: string[] = [];
  table.events$.subscribe(({ type }) => happened.push(type));
  conduct.expulsions$.subscribe(({ cause }) => happened.push(cause.code));
  return { store, clock, book, bans, conduct, codes, happened, pinned };
}

describe(Conduct.name, () => {
  it.each([
    { name: 'a fault that ends the connection', error: lie, action: 'drop', score: -25, happens: [lie.code] },
    { name: 'a fault that does not', error: flood, action: 'lower', score: -5, happens: [] },
  ])('$name lowers the score', ({ error, action, score, happens }) => {
    const { conduct, codes, happened, clock } = aCourt();
    expect(conduct.judge(peerId, error)).toBe(action);
    const reasons = [{ atMs: clock.nowMs(), code: error.code, points: -score }];
    expect(conduct.describe(peerId)).toEqual({ score, reasons });
    expect(happened).toEqual(['peer:score-lowered', ...happens]);
    expect(codes).toEqual([error.code]);
  });

  it.each([
    {
      name: 'the end of a connection that is nobody’s fault',
      error: noSlot,
      action: 'drop',
      happens: [noSlot.code],
    },
    { name: 'a loss', error: lost, action: 'retry', happens: [] },
    {
      name: 'a fault of our own',
      error: new NetworkError({ code: 'NETWORK.CANCELLED' }),
      action: 'none',
      happens: [],
    },
  ])('$name costs nothing', ({ error, action, happens }) => {
    const { conduct, codes, happened, book } = aCourt();
    expect(conduct.judge(peerId, error)).toBe(action);
    expect(conduct.describe(peerId)).toEqual({ score: 0, reasons: [] });
    expect(book.scoreOf(peerId).scoredAtMs).toBe(0);
    expect(happened).toEqual(happens);
    expect(codes).toEqual([]);
  });

  it('names the fault that a consumer reported, cut to 64 characters', () => {
    const { conduct, codes } = aCourt();
    const fault = `SYNC.${'X'.repeat(100)}`;
    const detail = { peerId, fault, reason: 'x', severity: 'lower' } as const;
    conduct.judge(peerId, new NetworkError({ code: 'NETWORK.REPORTED_BY_CONSUMER', ...detail }));
    expect(conduct.describe(peerId).reasons[0]?.code).toBe(fault.slice(0, 64));
    expect(codes).toEqual(['NETWORK.REPORTED_BY_CONSUMER']);
  });

  it('expels below -20, not at it', () => {
    const { conduct, happened } = aCourt();
    const actions = [1, 2, 3, 4, 5].map(() => conduct.judge(peerId, flood));
    expect(actions).toEqual(['lower', 'lower', 'lower', 'lower', 'drop']);
    expect(happened.filter((each) => each.startsWith('NETWORK'))).toEqual(['NETWORK.SCORE_TOO_LOW']);
  });

  it('does not let in below -20, until the score has decayed', () => {
    const { conduct, clock } = aCourt();
    conduct.judge(peerId, lie);
    expect(conduct.refusalOf(peerId)).toMatchObject({
      code: 'NETWORK.SCORE_TOO_LOW',
      detail: { score: -25 },
    });
    clock.advance(SCORE_HALF_LIFE_MS);
    expect(conduct.refusalOf(peerId)).toBeUndefined();
    expect(conduct.describe(peerId).score).toBe(-12.5);
    expect(conduct.refusalOf(testPeerId(2))).toBeUndefined();
  });

  it('bans below -50, not at it, once, and tells before it expels', async () => {
    const { conduct, happened, bans, clock, store } = aCourt();
    expect([conduct.judge(peerId, lie), conduct.judge(peerId, lie)]).toEqual(['drop', 'drop']);
    expect(bans.banOf(peerId)).toBeUndefined();
    happened.length = 0;
    expect([conduct.judge(peerId, junk), conduct.judge(peerId, flood)]).toEqual(['ban', 'ban']);
    const banned = ['peer:score-lowered', 'peer:banned', 'NETWORK.BANNED'];
    expect(happened).toEqual([...banned, 'peer:score-lowered', 'NETWORK.BANNED']);
    const untilMs = clock.nowMs() + BAN_MS;
    expect(bans.banOf(peerId)).toMatchObject({ untilMs, by: 'score', reason: junk.code });
    expect((await store.read()).bans).toHaveLength(1);
    clock.advance(BAN_MS);
    expect(bans.banOf(peerId)).toBeUndefined();
    expect(conduct.refusalOf(peerId)).toBeUndefined();
  });

  it('bans also when the ban cannot be stored', async () => {
    const { conduct, happened, bans, store } = aCourt();
    await store.close();
    for (const error of [lie, lie, lie]) conduct.judge(peerId, error);
    expect(bans.banOf(peerId)).toBeDefined();
    expect(happened).toContain('peer:banned');
  });

  it('expels at least, when operators’ bans leave no room for one', async () => {
    const { conduct, happened, bans } = aCourt();
    const operator = { reason: 'x', by: 'operator' };
    for (let n = 0; n < 10_000; n++) await bans.ban(`10.0.${n >> 8}.${n & 255}`, operator);
    for (const error of [lie, lie]) conduct.judge(peerId, error);
    happened.length = 0;
    expect(conduct.judge(peerId, lie)).toBe('ban');
    expect(happened).toEqual(['peer:score-lowered', 'NETWORK.BANNED']);
    expect(conduct.refusalOf(peerId)).toMatchObject({ code: 'NETWORK.SCORE_TOO_LOW' });
  });

  it('never lowers or bans a trusted peer; all that happens to it is that its connections close', () => {
    const { conduct, happened, bans, codes } = aCourt({ trustedPeers: [peerId] });
    const actions = [lie, lie, lie, flood, noSlot, lost].map((error) => conduct.judge(peerId, error));
    expect(actions).toEqual(['drop', 'drop', 'drop', 'none', 'drop', 'retry']);
    expect(conduct.describe(peerId)).toEqual({ score: 0, reasons: [] });
    expect(bans.list()).toEqual([]);
    expect(codes).toEqual([]);
    expect(happened).toEqual([lie.code, lie.code, lie.code, noSlot.code]);
  });

  it('lets a peer in that is trusted since', async () => {
    const { conduct, pinned } = aCourt();
    conduct.judge(peerId, lie);
    await pinned.setTrusted(peerId, true);
    expect(conduct.refusalOf(peerId)).toBeUndefined();
  });

  it('remembers scores in the book', async () => {
    const { conduct, book, store, clock } = aCourt();
    conduct.judge(peerId, lie);
    await book.flush();
    const next = new PeerBook(store, clock, new SilentLogger(), { capacity: 16 });
    await next.load();
    expect(next.scoreOf(peerId)).toMatchObject({ score: -25, reasons: [{ code: lie.code }] });
  });
});

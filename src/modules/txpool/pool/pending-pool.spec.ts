import { describe, expect, it } from '@jest/globals';
import { ManualClock } from '../../../../test/support/manual-clock.js';
import { NoMetrics } from '../../../common/metrics.port.js';
import type { CheckedTransaction } from '../check/check-transaction.js';
import { type TxPoolConfig, txpoolConfigSchema } from '../txpool.config.js';
import { createTxPoolMetrics } from '../txpool.metrics.js';
import { type MinedTransaction, PendingPool, type TransactionOrigin } from './pending-pool.js';

const MINUTE = 60_000;
const RPC: TransactionOrigin = { source: 'rpc' };
const GOSSIP: TransactionOrigin = { source: 'gossip', receivedFrom: 'neighbour' };

const aTransaction = (hash: string, fields: Partial<CheckedTransaction> = {}): CheckedTransaction => ({
  hash,
  raw: new Uint8Array(100),
  sender: 'a',
  nonce: 0n,
  feeCap: 10n,
  tipCap: 10n,
  ...fields,
});

const mined = (hash: string, nonce = 0n, sender: string = 'a'): MinedTransaction => ({
  hash,
  nonce: () => nonce,
  sender: () => (sender === 'nobody' ? undefined : sender),
});

function setUp(config: Partial<TxPoolConfig> = {}) {
  const clock = new ManualClock();
  const metrics = createTxPoolMetrics(new NoMetrics());
  const pool = new PendingPool(txpoolConfigSchema.parse(config), clock, metrics);
  const told: string[] = [];
  const sizes: number[] = [];
  pool.events$.subscribe((event) => {
    told.push(`${event.type.slice(7)} ${event.hash}${'reason' in event ? ` ${event.reason}` : ''}`);
    sizes.push(pool.size);
  });
  return { clock, pool, told, sizes };
}

describe(PendingPool.name, () => {
  it('takes a transaction and tells of it when it has it', () => {
    const { pool, told, sizes, clock } = setUp();
    const taken = pool.admit(aTransaction('1'), RPC, 0n);
    expect(taken).toMatchObject({ hash: '1', source: 'rpc', receivedAtMs: clock.nowMs() });
    expect([pool.get('1'), told, sizes]).toEqual([taken, ['added 1'], [1]]);
  });

  it('tells of the one that was replaced first', () => {
    const { pool, told } = setUp();
    pool.admit(aTransaction('1'), RPC, 0n);
    pool.admit(aTransaction('2', { feeCap: 11n, tipCap: 11n }), GOSSIP, 0n);
    expect(told).toEqual(['added 1', 'dropped 1 replaced', 'added 2']);
  });

  it('tells of those that gave way before the one that they gave way to', () => {
    const { pool, told } = setUp({ maxSlots: 5 });
    for (const [sender, price] of Object.entries({ a: 3n, b: 2n, c: 4n, d: 5n }))
      pool.admit(aTransaction(sender, { sender, feeCap: price, tipCap: price }), GOSSIP, 0n);
    pool.admit(aTransaction('e', { sender: 'e' }), { source: 'gossip', receivedFrom: 'other' }, 0n);
    expect(told.slice(4)).toEqual(['dropped b no-room', 'added e']);
  });

  it('gives a transaction up after 10 minutes, each at its time', () => {
    const { pool, told, clock } = setUp();
    pool.admit(aTransaction('1'), RPC, 0n);
    clock.advance(MINUTE);
    pool.admit(aTransaction('2', { nonce: 1n }), RPC, 0n);
    clock.advance(9 * MINUTE - 1);
    expect(pool.size).toBe(2);
    clock.advance(1);
    expect(told.at(-1)).toBe('dropped 1 timed-out');
    clock.advance(MINUTE);
    expect(told.at(-1)).toBe('dropped 2 timed-out');
    expect([pool.size, clock.pendingTimers]).toEqual([0, 0]);
  });

  it('has one timer however many wait, and none after the end', () => {
    const { pool, clock } = setUp();
    for (let n = 0n; n < 5n; n++) pool.admit(aTransaction(String(n), { nonce: n }), RPC, 0n);
    expect(clock.pendingTimers).toBe(1);
    let ended = false;
    pool.events$.subscribe({
      complete: () => {
        ended = true;
      },
    });
    pool.beforeApplicationShutdown();
    expect([ended, clock.pendingTimers]).toEqual([true, 0]);
    pool.admit(aTransaction('late', { nonce: 9n }), RPC, 0n);
    expect(clock.pendingTimers).toBe(0);
  });

  const block = { number: 5, hash: 'block' };

  it('is rid of what was mined, and of what lost its nonce to another', async () => {
    const { pool, told } = setUp();
    for (const [hash, nonce] of [
      ['1', 0n],
      ['2', 1n],
      ['3', 2n],
    ] as const)
      pool.admit(aTransaction(hash, { nonce }), RPC, 0n);
    await pool.mine(block, [
      mined('1'),
      mined('x', 1n),
      mined('y', 7n),
      mined('z', 2n, 'b'),
      mined('w', 2n, 'nobody'),
    ]);
    expect(told.slice(3)).toEqual(['mined 1', 'dropped 2 nonce-used']);
    expect([pool.size, pool.get('3')?.hash]).toEqual([1, '3']);
  });

  it('asks who sent a mined transaction only where its nonce is one of those that wait', async () => {
    const { pool } = setUp();
    const asked: string[] = [];
    const transaction = (hash: string, nonce: bigint): MinedTransaction => ({
      hash,
      nonce: () => {
        asked.push(`nonce ${hash}`);
        return nonce;
      },
      sender: () => {
        asked.push(`sender ${hash}`);
        return 'b';
      },
    });
    await pool.mine(block, [transaction('x', 0n)]);
    pool.admit(aTransaction('1'), RPC, 0n);
    await pool.mine(block, [transaction('y', 0n), transaction('z', 1n)]);
    expect(asked).toEqual(['nonce y', 'sender y', 'nonce z']);
  });

  it('gives up its turn while it finds out who signed', async () => {
    const { pool, told } = setUp();
    pool.admit(aTransaction('1'), RPC, 0n);
    pool.admit(aTransaction('2', { nonce: 1n }), RPC, 0n);
    let asked = 0;
    const strangers = Array.from({ length: 100 }, (_, n) => ({
      hash: `x${n}`,
      nonce: () => 0n,
      sender: () => {
        asked += 1;
        return n === 99 ? 'a' : 'b';
      },
    }));
    const mining = pool.mine(block, [...strangers, mined('2', 1n)]);
    expect([asked, told.slice(2)]).toEqual([32, ['mined 2']]);
    expect(() => pool.admit(aTransaction('x99', { nonce: 5n }), GOSSIP, 0n)).toThrow('already known');
    await mining;
    expect([asked, told.slice(3)]).toEqual([100, ['dropped 1 nonce-used']]);
  });

  it('does not take what was mined a while ago', async () => {
    const { pool } = setUp();
    await pool.mine(block, [mined('1')]);
    expect(() => pool.admit(aTransaction('1'), GOSSIP, 0n)).toThrow('already known');
    pool.takeBack('block', 0n);
    expect(pool.admit(aTransaction('1'), GOSSIP, 0n).hash).toBe('1');
  });

  it('waits again for what a removed block had, for as long as anew', async () => {
    const { pool, told, clock } = setUp();
    const before = pool.admit(aTransaction('1'), { source: 'operator' }, 0n);
    clock.advance(9 * MINUTE);
    await pool.mine(block, [mined('1')]);
    pool.takeBack('other', 0n);
    expect(pool.size).toBe(0);
    pool.takeBack('block', 0n);
    expect(pool.get('1')).toMatchObject({ source: 'operator', receivedAtMs: before.receivedAtMs });
    clock.advance(10 * MINUTE - 1);
    expect(pool.size).toBe(1);
    clock.advance(1);
    expect(told).toEqual(['added 1', 'mined 1', 'added 1', 'dropped 1 timed-out']);
  });

  it.each([
    { name: 'one that pays more has its nonce', now: { feeCap: 11n, tipCap: 11n }, reason: 'replaced' },
    { name: 'its sender has all it may', now: { nonce: 1n }, reason: 'no-room' },
  ])('gives it up when $name meanwhile', async ({ now, reason }) => {
    const { pool, told } = setUp({ maxPerSender: 1 });
    pool.admit(aTransaction('1'), RPC, 0n);
    await pool.mine(block, [mined('1')]);
    pool.admit(aTransaction('2', now), RPC, 0n);
    pool.takeBack('block', 0n);
    expect(told.at(-1)).toBe(`dropped 1 ${reason}`);
    expect(pool.size).toBe(1);
  });

  it('does not give up what waits again already, since it was mined too long ago to be known', async () => {
    const { pool, told } = setUp();
    pool.admit(aTransaction('1'), RPC, 0n);
    await pool.mine(block, [mined('1')]);
    await pool.mine(
      { number: 6, hash: 'next' },
      Array.from({ length: 16_384 }, (_, n) => mined(`other ${n}`)),
    );
    pool.admit(aTransaction('1'), GOSSIP, 0n);
    pool.takeBack('block', 0n);
    expect(told).toEqual(['added 1', 'mined 1', 'added 1']);
    expect(pool.get('1')?.hash).toBe('1');
  });
});

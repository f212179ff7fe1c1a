import { EventEmitter } from 'node:events';
import { create } from '@bufbuild/protobuf';
import { anyPack, BytesValueSchema } from '@bufbuild/protobuf/wkt';
import { describe, expect, it } from '@jest/globals';
import { Subject } from 'rxjs';
import { EventType } from '../../gen/v1/txpool_operator_pb.js';
import type { PooledTransaction, TxPool, TxPoolEvent } from '../txpool/index.js';
import { systemConfigSchema } from './system.config.js';
import { SystemError } from './system.errors.js';
import { TxPoolController } from './txpool.controller.js';

class OperatorCall extends EventEmitter {
  readonly written: unknown[] = [];
  writableNeedDrain = false;

  write(message: unknown): boolean {
    this.written.push(message);
    return true;
  }
}

class ScriptedPool implements TxPool {
  readonly events$ = new Subject<TxPoolEvent>();
  readonly asked: unknown[][] = [];

  async add(...args: Parameters<TxPool['add']>): Promise<PooledTransaction> {
    this.asked.push(args);
    const [raw] = args;
    return { hash: '0xab', raw, sender: '0x', nonce: 0n, receivedAtMs: 0, source: 'operator' };
  }
  get(): undefined {}
  size(): number {
    return 7;
  }
}

function setUp() {
  const pool = new ScriptedPool();
  const call = new OperatorCall();
  const closing = new AbortController();
  const config = systemConfigSchema.parse({ grpcPort: 0, subscriberCapacity: 1 });
  return { pool, call, closing, sut: new TxPoolController(pool, config, closing.signal) };
}

type AddRequest = Parameters<TxPoolController['addTxn']>[0];
type SubscribeRequest = Parameters<TxPoolController['subscribe']>[0];

describe(TxPoolController.name, () => {
  it('counts what is not mined', () => {
    expect(setUp().sut.status()).toEqual({ length: 7n });
  });

  it.each([
    { name: 'of any sender', from: '', sender: undefined },
    { name: 'of a named sender', from: '0xAA', sender: '0xAA' },
  ])('adds a transaction $name and says what was not judged', async ({ from, sender }) => {
    const { sut, pool } = setUp();
    const request = { raw: { typeUrl: '', value: Uint8Array.of(1) }, from } as AddRequest;
    expect(await sut.addTxn(request)).toEqual({ txHash: '0xab', notJudged: ['nonce', 'balance'] });
    expect(pool.asked).toEqual([[Uint8Array.of(1), 'operator', sender]]);
  });

  it('takes a transaction in a BytesValue too, and refuses one that is none', async () => {
    const { sut, pool } = setUp();
    const raw = anyPack(BytesValueSchema, create(BytesValueSchema, { value: Uint8Array.of(1, 2) }));
    await sut.addTxn({ raw, from: '' } as AddRequest);
    expect(pool.asked).toEqual([[Uint8Array.of(1, 2), 'operator', undefined]]);
    const broken = { ...raw, value: Uint8Array.of(0x0a, 9) };
    await expect(sut.addTxn({ raw: broken, from: '' } as AddRequest)).rejects.toMatchObject({
      code: 'SYSTEM.REQUEST_UNDECODABLE',
    });
  });

  const events: readonly TxPoolEvent[] = [
    { type: 'txpool:added', hash: '0x1', atMs: 0 },
    { type: 'txpool:mined', hash: '0x1', blockNumber: 1, atMs: 0 },
    { type: 'txpool:dropped', hash: '0x2', reason: 'timed-out', atMs: 0 },
  ];

  it.each([
    { types: [EventType.ADDED], expect: [{ type: EventType.ADDED, txHash: '0x1' }] },
    {
      types: [EventType.PRUNED_PROMOTED, EventType.DROPPED],
      expect: [
        { type: EventType.PRUNED_PROMOTED, txHash: '0x1' },
        { type: EventType.DROPPED, txHash: '0x2' },
      ],
    },
    { types: [EventType.PROMOTED], expect: [] },
  ])('streams events of the types $types', ({ types, expect: sent }) => {
    const { sut, pool, call } = setUp();
    const subscription = sut.subscribe({ types } as SubscribeRequest, undefined, call).subscribe();
    for (const event of events) pool.events$.next(event);
    expect(call.written).toEqual(sent);
    subscription.unsubscribe();
    expect(pool.events$.observed).toBe(false);
  });

  it('lets a whole pool be mined at once before a reader counts as slow', () => {
    const { sut, pool, call } = setUp();
    let error: unknown;
    sut.subscribe({ types: [EventType.ADDED] } as SubscribeRequest, undefined, call).subscribe({
      error: (failure: unknown) => {
        error = failure;
      },
    });
    call.writableNeedDrain = true;
    const event: TxPoolEvent = { type: 'txpool:added', hash: '0x1', atMs: 0 };
    for (let n = 0; n < 4_097; n++) pool.events$.next(event);
    expect(error).toBeUndefined();
    pool.events$.next(event);
    expect((error as SystemError).detail).toEqual({ code: 'SYSTEM.SUBSCRIBER_TOO_SLOW' });
  });

  it('ends when the port closes', () => {
    const { sut, call, closing } = setUp();
    let error: unknown;
    sut.subscribe({ types: [EventType.ADDED] } as SubscribeRequest, undefined, call).subscribe({
      error: (failure: unknown) => {
        error = failure;
      },
    });
    closing.abort(new SystemError({ code: 'SYSTEM.SHUTTING_DOWN' }));
    expect((error as SystemError).code).toBe('SYSTEM.SHUTTING_DOWN');
  });
});

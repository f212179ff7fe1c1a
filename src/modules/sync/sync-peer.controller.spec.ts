import { EventEmitter } from 'node:events';
import { setImmediate as settle } from 'node:timers/promises';
import { create } from '@bufbuild/protobuf';
import { describe, expect, it } from '@jest/globals';
import { FakeChain, fakeBlock, fakeBlocks } from '../../../test/support/fake-chain.js';
import { peerId } from '../../../test/support/fake-network.js';
import { ManualClock } from '../../../test/support/manual-clock.js';
import { NoMetrics } from '../../common/metrics.port.js';
import { GetBlocksRequestSchema } from '../../gen/v1/syncer_pb.js';
import { BlockShares } from './block-shares.js';
import { createSyncMetrics } from './sync.metrics.js';
import { SyncPeerController } from './sync-peer.controller.js';

/** A peer's call; takes `room` messages before it needs a drain. */
class FakeCall extends EventEmitter {
  readonly sent: Uint8Array[] = [];
  readonly controller = new AbortController();
  readonly signal = this.controller.signal;
  writableNeedDrain = false;

  constructor(
    readonly peerId: ReturnType<typeof import('../../../test/support/fake-network.js').peerId>,
    private readonly room = Number.POSITIVE_INFINITY,
  ) {
    super();
  }

  async allSent(): Promise<void> {}

  reset(): void {
    this.controller.abort();
  }

  write(message: unknown): boolean {
    this.sent.push((message as { block: Uint8Array }).block);
    return this.sent.length % this.room !== 0;
  }
}

function setUp(height: number) {
  const chain = new FakeChain(height);
  const shares = new BlockShares({
    clock: new ManualClock(),
    streamsPerPeer: 2,
    bytesInFlight: 16 * 1_024 * 1_024,
    maxReadBytes: 512 * 1_024,
    onRefused: () => {},
  });
  const config = { announcePruned: false };
  const controller = new SyncPeerController(chain, shares, createSyncMetrics(new NoMetrics()), config);
  /** Runs GetBlocks; what it ended with is `undefined` while it runs. */
  const getBlocks = (from: bigint, call = new FakeCall(peerId('a'))) => {
    const run: { call: FakeCall; ended: unknown } = { call, ended: undefined };
    controller.getBlocks(create(GetBlocksRequestSchema, { from }), undefined, call).subscribe({
      complete: () => {
        run.ended = 'ok';
      },
      error: (error: unknown) => {
        run.ended = error;
      },
    });
    return run;
  };
  return { chain, config, controller, shares, getBlocks };
}

describe(SyncPeerController.name, () => {
  it('tells the height of the head', async () => {
    const { chain, controller } = setUp(7);
    expect(controller.getStatus()).toEqual({ number: 7n });
    await chain.seal();
    expect(controller.getStatus()).toEqual({ number: 8n });
  });

  it('answers OUT_OF_RANGE below what it keeps, and gives what it keeps', async () => {
    const { chain, getBlocks } = setUp(30);
    chain.tail = 20;
    const [below, above] = [getBlocks(10n), getBlocks(20n)];
    await settle();
    expect(below).toMatchObject({ ended: { code: 11 }, call: { sent: [] } });
    expect(above.ended).toBe('ok');
    expect(above.call.sent).toEqual([...fakeBlocks(20, 30)]);
  });

  it('tells no height when it does not keep the whole chain, unless told to', () => {
    const { chain, config, controller } = setUp(30);
    chain.tail = 20;
    expect(() => controller.getStatus()).toThrow(expect.objectContaining({ code: 14 }));
    config.announcePruned = true;
    expect(controller.getStatus()).toEqual({ number: 30n });
  });

  it('promises nothing while there is no genesis', async () => {
    const { controller, getBlocks } = setUp(-1);
    expect(() => controller.getStatus()).toThrow(expect.objectContaining({ code: 14 }));
    const run = getBlocks(0n);
    await settle();
    expect(run).toMatchObject({ ended: 'ok', call: { sent: [] } });
  });

  it.each([
    { name: 'from genesis', from: 0n, first: 0 },
    { name: 'over several reads of the store', from: 1n, first: 1 },
    { name: 'the head only', from: 600n, first: 600 },
    { name: 'nothing above the head', from: 601n, first: 601 },
    { name: 'nothing from 2^64-1', from: 2n ** 64n - 1n, first: 601 },
  ])('streams $name', async ({ from, first }) => {
    const { getBlocks } = setUp(600);
    const run = getBlocks(from);
    await settle();
    expect(run.call.sent).toEqual([...fakeBlocks(first, 600)]);
    expect(run.ended).toBe('ok');
  });

  it('goes on to blocks that came meanwhile', async () => {
    const { chain, getBlocks } = setUp(1);
    const run = getBlocks(0n, new FakeCall(peerId('a'), 2));
    await settle();
    expect(run.ended).toBeUndefined();
    await chain.seal();
    run.call.emit('drain');
    await settle();
    expect(run.call.sent).toEqual([...fakeBlocks(0, 2)]);
    expect(run.ended).toBe('ok');
  });

  it('reads no further for a peer that does not', async () => {
    const { chain, getBlocks } = setUp(600);
    let reads = 0;
    const rawBlocks = chain.rawBlocks.bind(chain);
    chain.rawBlocks = (from, limits) => {
      reads++;
      return rawBlocks(from, limits);
    };
    const run = getBlocks(0n, new FakeCall(peerId('a'), 1));
    await settle();
    expect(run.call.sent).toEqual([fakeBlock(0)]);
    expect(reads).toBe(1);
    run.call.controller.abort();
    await settle();
    expect(run.ended).toBe('ok');
  });

  it('says that a block below the head is missing', async () => {
    const { chain, getBlocks } = setUp(5);
    chain.rawBlocks = async () => [];
    const run = getBlocks(3n);
    await settle();
    expect(run.ended).toMatchObject({ code: 2, details: 'block not found' });
  });

  it('ends well when the head went back while it read', async () => {
    const { chain, getBlocks } = setUp(5);
    const head = { number: 5, hash: new Uint8Array(), timestamp: 0n };
    chain.head = () => head;
    chain.rawBlocks = async () => {
      head.number = 2;
      return [];
    };
    const run = getBlocks(3n);
    await settle();
    expect(run.ended).toBe('ok');
  });

  it('ends the oldest stream of a peer that opens too many, and none of another', async () => {
    const { getBlocks, shares } = setUp(5);
    const slow = (name: string) => getBlocks(0n, new FakeCall(peerId(name), 1));
    const [first, other] = [slow('a'), slow('b')];
    const second = slow('a');
    const third = slow('a');
    await settle();
    expect([first, second, third, other].map(({ call }) => call.signal.aborted)).toEqual([
      true,
      false,
      false,
      false,
    ]);
    expect(first.ended).toBe('ok');
    for (const { call } of [second, third, other]) call.controller.abort();
    await settle();
    expect(shares.bytesInFlight).toBe(0);
  });

  it('counts what a peer that does not read holds back, until it is gone', async () => {
    const { getBlocks, shares } = setUp(600);
    const run = getBlocks(0n, new FakeCall(peerId('a'), 1));
    await settle();
    expect(shares.bytesInFlight).toBe(bytesOf(fakeBlocks(0, 255)));
    run.call.controller.abort();
    await settle();
    expect(shares.bytesInFlight).toBe(0);
  });
});

const bytesOf = (blocks: Iterable<Uint8Array>) => [...blocks].reduce((sum, { length }) => sum + length, 0);

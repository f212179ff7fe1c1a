import { type Client, createClient } from '@connectrpc/connect';
import { createGrpcTransport } from '@connectrpc/connect-node';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { GrpcStatus } from '../../src/common/grpc-status.js';
import { EventType, TxnPoolOperator } from '../../src/gen/v1/txpool_operator_pb.js';
import { CHAIN_WRITER, type ChainWriter } from '../../src/modules/blockchain/index.js';
import { parsePeerAddress } from '../../src/modules/network/index.js';
import { TXPOOL, type TxPool } from '../../src/modules/txpool/index.js';
import { type DevChain, devChain } from '../support/chain-builder/index.js';
import { eventually } from '../support/eventually.js';
import { aSigned, type SignedOptions } from '../support/signed-transactions.js';
import { TestNode } from '../support/test-node.js';

const operator = (node: TestNode): Client<typeof TxnPoolOperator> =>
  createClient(TxnPoolOperator, createGrpcTransport({ baseUrl: `http://${node.operatorAddress}` }));

const request = (options: SignedOptions = {}) => ({
  raw: { typeUrl: '', value: aSigned(options).raw },
  from: '',
});

/** Our sealer makes empty blocks, so the block that has the transaction is one that a test built. */
describe('transactions between two nodes', () => {
  let built: DevChain;
  let here: TestNode;
  let there: TestNode;

  beforeEach(async () => {
    built = devChain();
    here = await TestNode.start({ genesis: built.genesisText });
    there = await TestNode.start({ genesis: built.genesisText });
    there.peers.add(parsePeerAddress(here.address)).subscribe();
    await eventually(() => here.peers.list().length > 0 && there.peers.list().length > 0);
  });

  afterEach(async () => {
    await there?.stop();
    await here?.stop();
  });

  const poolOf = (node: TestNode) => node.get<TxPool>(TXPOOL);

  /** What the operator port of a node tells of transactions, as it comes. */
  const told = (node: TestNode, signal: AbortSignal) => {
    const seen: string[] = [];
    const types = [EventType.ADDED, EventType.PRUNED_PROMOTED];
    const read = async () => {
      for await (const { type, txHash } of operator(node).subscribe({ types }, { signal }))
        seen.push(`${EventType[type]} ${txHash}`);
    };
    const ended = read().catch((error: unknown) => {
      if (!signal.aborted) throw error;
    });
    return { seen, ended };
  };

  /** Gossip takes a moment to know who listens, as does a stream to open: the first transactions may reach nobody. */
  const spread = async (seen: readonly string[]): Promise<string> => {
    let hash = '';
    let nonce = 0n;
    await eventually(async () => {
      ({ txHash: hash } = await operator(here).addTxn(request({ nonce: nonce++ })));
      return eventually(() => seen.includes(`ADDED ${hash}`), { timeoutMs: 300 }).then(
        () => true,
        () => false,
      );
    });
    return hash;
  };

  it('a transaction reaches the other node, and is mined on both', async () => {
    const reading = new AbortController();
    const { seen, ended } = told(there, reading.signal);
    const hash = await spread(seen);
    const kept = poolOf(there).get(hash);
    expect(kept).toMatchObject({ source: 'gossip', sender: aSigned().sender });
    const { length } = await operator(there).status({});

    const { inBlock } = aSigned({ nonce: kept?.nonce ?? 0n });
    const timestamp = BigInt(Math.floor(Date.now() / 1_000));
    await here
      .get<ChainWriter>(CHAIN_WRITER)
      .insert([built.seal({ transactions: [inBlock], timestamp }).raw], { source: 'sync' });
    const isMined = () => poolOf(here).get(hash) === undefined && seen.includes(`PRUNED_PROMOTED ${hash}`);
    await eventually(isMined);
    expect((await operator(there).status({})).length).toBe(length - 1n);
    reading.abort();
    await ended;
  });

  it('the operator port answers with codes and the texts of the Go client', async () => {
    const { txHash, notJudged } = await operator(here).addTxn(request());
    expect({ txHash, notJudged }).toEqual({ txHash: aSigned().hash, notJudged: ['nonce', 'balance'] });
    const refusal = (given: ReturnType<typeof request>) =>
      operator(here)
        .addTxn(given)
        .then(
          () => undefined,
          ({ code, rawMessage }: { code: number; rawMessage: string }) => [code, rawMessage],
        );
    expect(await refusal(request())).toEqual([GrpcStatus.ALREADY_EXISTS, 'already known']);
    expect(await refusal({ ...request({ nonce: 1n }), from: `0x${'00'.repeat(20)}` })).toEqual([
      GrpcStatus.INVALID_ARGUMENT,
      'invalid sender',
    ]);
    const unknown = { raw: { typeUrl: '', value: Uint8Array.of(0x01, 0xc0) }, from: '' };
    expect(await refusal(unknown)).toEqual([GrpcStatus.INVALID_ARGUMENT, 'unknown transaction type: 1']);
    const large = { raw: { typeUrl: '', value: new Uint8Array(131_073).fill(1) }, from: '' };
    expect(await refusal(large)).toEqual([GrpcStatus.INVALID_ARGUMENT, 'oversized data']);
    const none = operator(here).subscribe({ types: [] })[Symbol.asyncIterator]().next();
    await expect(none).rejects.toMatchObject({ code: GrpcStatus.INVALID_ARGUMENT });
  });
});

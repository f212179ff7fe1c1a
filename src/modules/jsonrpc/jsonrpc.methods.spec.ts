import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { transfers } from '../../../test/support/chain-builder/transactions.js';
import { FakeChain } from '../../../test/support/fake-chain.js';
import { readJsonl } from '../../../test/support/fixtures.js';
import { FakePool, idle, JsonRpcUnderTest } from '../../../test/support/jsonrpc-under-test.js';
import { Chains, ecdsa } from '../../../test/support/recorded-chain.js';
import { toHex } from '../../common/bytes.js';
import { type Chain, keccak256 } from '../blockchain/index.js';

const [transfer] = transfers(1, { chainId: 4101 });
const raw = transfer?.rlp ?? new Uint8Array();
const POOLED = toHex(keccak256(raw));
const NOWHERE = `0x${'ee'.repeat(32)}`;
const recorded = readJsonl<{ number: string; hash: string; transactions: Record<string, string>[] }>(
  'ibft-ecdsa/blocks.jsonl',
);

describe('methods', () => {
  const chains = new Chains();
  const pool = new FakePool();
  let chain: Chain;
  let rpc: JsonRpcUnderTest;

  beforeAll(async () => {
    const opened = await chains.open();
    await opened.insert(ecdsa, { source: 'sync' });
    chain = opened;
    rpc = await JsonRpcUnderTest.start({ chain, pool, peers: 17 });
  });
  afterAll(async () => {
    await rpc?.stop();
    await chains.closeAll();
  });

  it.each([
    { method: 'eth_chainId', params: [], result: '0x1005' },
    { method: 'eth_blockNumber', params: [], result: '0x104' },
    { method: 'eth_syncing', params: [], result: false },
    { method: 'net_version', params: [], result: '4101' },
    { method: 'net_listening', params: [], result: true },
    { method: 'net_peerCount', params: [], result: '0x11' },
    {
      method: 'web3_clientVersion',
      params: [],
      result: expect.stringMatching(/^[^/]+\/edgekeeper-[^/]+\/[a-z0-9]+-[a-z0-9]+\/node\d+[.\d]+$/),
    },
    {
      method: 'web3_sha3',
      params: ['0x68656c6c6f20776f726c64'],
      result: '0x47173285a8d7341e5e972fc677286384f802f8ef42a5ec5f03bbfa254cb01fad',
    },
    { method: 'eth_getBlockTransactionCountByNumber', params: ['0x19'], result: '0xd' },
    { method: 'eth_getBlockTransactionCountByNumber', params: ['0x1000'], result: null },
    { method: 'eth_getBlockTransactionCountByHash', params: [recorded[25]?.hash], result: '0xd' },
    { method: 'eth_getBlockTransactionCountByHash', params: [NOWHERE], result: null },
    {
      method: 'eth_getTransactionByBlockNumberAndIndex',
      params: ['25', '0x0'],
      result: recorded[25]?.transactions[0],
    },
    { method: 'eth_getTransactionByBlockNumberAndIndex', params: ['0x19', '0xd'], result: null },
    {
      method: 'eth_getTransactionByBlockNumberAndIndex',
      params: ['0x19', '18446744073709551615'],
      result: null,
    },
    {
      method: 'eth_getTransactionByBlockHashAndIndex',
      params: [recorded[25]?.hash, '0x0'],
      result: recorded[25]?.transactions[0],
    },
    { method: 'eth_getTransactionByHash', params: [NOWHERE], result: null },
    { method: 'eth_getBlockByNumber', params: ['latest', true], result: recorded[260] },
    { method: 'eth_getBlockByNumber', params: ['pending', true], result: recorded[260] },
    { method: 'eth_getBlockByNumber', params: ['earliest', true], result: recorded[0] },
    { method: 'eth_getBlockByNumber', params: [], result: recorded[0] },
    { method: 'eth_getBlockByNumber', params: ['0x105', true], result: null },
    { method: 'eth_getBlockByNumber', params: ['0xffffffffffffffff', true], result: null },
    { method: 'eth_getBlockByHash', params: [NOWHERE, true], result: null },
  ])('$method of $params', async ({ method, params, result }) => {
    expect(await rpc.call(method, ...params)).toEqual(result);
  });

  it('a transaction that is sent is pooled, and stands nowhere', async () => {
    expect(await rpc.call('eth_sendRawTransaction', toHex(raw))).toBe(POOLED);
    expect(pool.get(POOLED)).toMatchObject({ raw, source: 'rpc' });
    expect(await rpc.call('eth_getTransactionByHash', POOLED)).toEqual({
      ...{
        hash: POOLED,
        type: '0x0',
        nonce: '0x0',
        gasPrice: '0x3b9aca00',
        gas: '0x5208',
        value: '0x1',
        input: '0x',
      },
      to: '0xEeeeeEeeeEeEeeEeEeEeeEEEeeeeEeeeeeeeEEeE',
      from: expect.stringMatching(/^0x[0-9a-fA-F]{40}$/),
      ...{ v: expect.any(String), r: expect.any(String), s: expect.any(String) },
      ...{ blockHash: null, blockNumber: null, transactionIndex: null },
    });
  });

  it('what the pool refuses is told in its words', async () => {
    expect(await rpc.reply('eth_sendRawTransaction', '0x01')).toMatchObject({
      id: 1,
      error: { code: -32_600, message: 'cannot extract signature' },
    });
  });

  it('the pool judges the size of a transaction', async () => {
    expect(await rpc.reply('eth_sendRawTransaction', `0x${'00'.repeat(131_073)}`)).toMatchObject({
      error: { code: -32_600, message: 'oversized data' },
    });
  });

  it.each([
    { method: 'eth_sendRawTransaction', params: [], param: 'transaction' },
    { method: 'eth_getBlockByNumber', params: ['safe'], param: 'blockNumber' },
    { method: 'eth_getBlockByNumber', params: ['latest', 'yes'], param: 'fullTransactions' },
    { method: 'eth_getBlockByHash', params: ['0x12'], param: 'blockHash' },
    { method: 'eth_getTransactionByHash', params: [], param: 'transactionHash' },
    { method: 'eth_getTransactionByBlockNumberAndIndex', params: ['latest', {}], param: 'index' },
    { method: 'eth_getTransactionByBlockHashAndIndex', params: [NOWHERE, 'x'], param: 'index' },
    { method: 'web3_sha3', params: ['hello'], param: 'data' },
    { method: 'eth_subscribe', params: [], param: 'subscription' },
    { method: 'eth_subscribe', params: ['logs'], param: 'subscription' },
  ])('$method names the wrong parameter $param', async ({ method, params, param }) => {
    const { error } = await rpc.reply(method, ...params);
    expect(error).toEqual({ code: -32_602, message: expect.stringMatching(`^Invalid Params: ${param} `) });
  });

  it.each([
    { method: 'eth_call', says: 'needs executed state, which this node has not' },
    { method: 'eth_getTransactionCount', says: 'needs executed state, which this node has not' },
    { method: 'debug_traceTransaction', says: 'needs executed state, which this node has not' },
    { method: 'eth_getTransactionReceipt', says: 'needs execution' },
    { method: 'eth_getLogs', says: 'needs execution' },
    { method: 'eth_gasPrice', says: 'no advice on fees' },
    { method: 'eth_newBlockFilter', says: 'eth_subscribe' },
    { method: 'eth_sendTransaction', says: 'eth_sendRawTransaction' },
    { method: 'txpool_content', says: 'TxnPoolOperator' },
    { method: 'eth_subscribe', says: 'over WebSocket only' },
    { method: 'eth_unsubscribe', says: 'over WebSocket only' },
    { method: 'eth_mining', says: 'the method eth_mining does not exist/is not available' },
    { method: 'constructor', says: 'the method constructor does not exist/is not available' },
  ])('$method is not there, and why', async ({ method, says }) => {
    const { error } = await rpc.reply(method, 'newHeads');
    expect(error).toEqual({ code: -32_601, message: expect.stringContaining(says) });
  });

  it('a long name is not given back in full', async () => {
    const { error } = await rpc.reply('x'.repeat(100_000));
    expect(error?.message.length).toBeLessThan(200);
  });

  it('a batch is answered in order, with what each failed with', async () => {
    const calls = [
      { id: 1, method: 'eth_chainId' },
      { id: 'two', method: 'eth_call' },
      { method: 'net_version' },
      5,
    ];
    const response = await rpc.post(JSON.stringify(calls));
    expect(await response.json()).toEqual([
      { jsonrpc: '2.0', id: 1, result: '0x1005' },
      { jsonrpc: '2.0', id: 'two', error: { code: -32_601, message: expect.any(String) } },
      { jsonrpc: '2.0', id: null, result: '4101' },
      { jsonrpc: '2.0', error: { code: -32_600, message: expect.any(String) } },
    ]);
  });

  it('says where a sync stands, what is kept, and that there is no pool', async () => {
    const progress = {
      ...idle,
      state: 'syncing',
      startingHeight: 1,
      currentHeight: 16,
      highestHeight: 255,
    } as const;
    const fake = new FakeChain(20);
    fake.tail = 10;
    fake.rawBlock = async () => undefined;
    const other = await JsonRpcUnderTest.start({ chain: fake, progress });
    expect(await other.call('eth_syncing')).toEqual({
      ...{ type: 'bulk-sync', startingBlock: '0x1', currentBlock: '0x10', highestBlock: '0xff' },
    });
    expect((await other.reply('eth_getBlockByNumber', '0x9')).error?.code).toBe(4_444);
    expect((await other.reply('eth_sendRawTransaction', '0x01')).error).toEqual({
      ...{ code: -32_600, message: 'transactions are not taken: this node has no transaction pool' },
    });
    await other.stop();
  });

  it('without genesis there is no newest block', async () => {
    const other = await JsonRpcUnderTest.start({ chain: new FakeChain(-1) });
    expect((await other.reply('eth_blockNumber')).error?.code).toBe(-32_600);
    expect((await other.reply('eth_getBlockByNumber', 'latest')).error?.code).toBe(-32_600);
    expect(await other.call('eth_getTransactionByHash', NOWHERE)).toBeNull();
    await other.stop();
  });

  it('a failure of the inside is told to the log alone', async () => {
    const fake = new FakeChain(3);
    fake.hashByNumber = () => Promise.reject(new Error('secret\npath'));
    const other = await JsonRpcUnderTest.start({ chain: fake });
    expect((await other.reply('eth_getBlockByNumber', '0x1')).error).toEqual({
      ...{ code: -32_603, message: 'Internal error' },
    });
    expect(other.log.lines).toContainEqual({
      ...{ level: 'warn', message: 'a call failed' },
      fields: { method: 'eth_getBlockByNumber', error: 'secret path' },
    });
    await other.stop();
  });
});

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { JsonRpcProvider, Wallet, WebSocketProvider } from 'ethers';
import { createPublicClient, http, webSocket } from 'viem';
import { privateKeyToAccount } from 'viem/accounts';
import { toHex } from '../../../src/common/bytes.js';
import { JSONRPC_SERVER, type JsonRpcServer } from '../../../src/modules/jsonrpc/index.js';
import { TXPOOL, type TxPool } from '../../../src/modules/txpool/index.js';
import { FakePool, JsonRpcUnderTest } from '../../support/jsonrpc-under-test.js';
import { Chains } from '../../support/recorded-chain.js';
import { aKey, singleValidatorGenesis, TestNode } from '../../support/test-node.js';

const CHAIN_ID = 7_331;
const RECORDED_CHAIN_ID = 4_101;
const TO = '0x00000000000000000000000000000000000000ee';
const GWEI = 1_000_000_000n;
const HEADS = 2;

/** Two libraries that others write their programs with, against a whole node that seals a block a second. */
describe('clients of JSON-RPC', () => {
  const validatorKey = aKey();
  let node: TestNode;
  let port: number;

  beforeAll(async () => {
    const settings = { jsonrpc: { port: 0 } };
    node = await TestNode.start({ genesis: singleValidatorGenesis(validatorKey), validatorKey, settings });
    port = node.get<JsonRpcServer>(JSONRPC_SERVER).port;
  });
  afterAll(() => node?.stop());

  const hashAt = async (number: number) => {
    const hash = await node.chain.hashByNumber(number);
    return hash && toHex(hash);
  };

  describe('ethers', () => {
    it('follows heads over WebSocket', async () => {
      const provider = new WebSocketProvider(`ws://127.0.0.1:${port}/ws`);
      const numbers = await new Promise<number[]>((resolve) => {
        const seen: number[] = [];
        const listener = (number: number) => {
          seen.push(number);
          if (seen.length === HEADS) resolve(seen);
        };
        void provider.on('block', listener);
      });
      expect(numbers[1]).toBe((numbers[0] ?? 0) + 1);
      const block = await provider.getBlock(numbers[1] ?? 0, true);
      expect(block?.hash).toBe(await hashAt(numbers[1] ?? 0));
      await provider.destroy();
    });

    it('reads the network and its blocks over HTTP', async () => {
      const provider = new JsonRpcProvider(`http://127.0.0.1:${port}`);
      expect((await provider.getNetwork()).chainId).toBe(BigInt(CHAIN_ID));
      const block = await provider.getBlock('latest');
      expect(block?.hash).toBe(await hashAt(block?.number ?? -1));
      provider.destroy();
    });
  });

  describe('viem', () => {
    it('follows heads over WebSocket', async () => {
      const client = createPublicClient({
        transport: webSocket(`ws://127.0.0.1:${port}/ws`, { keepAlive: false, reconnect: false }),
      });
      const numbers = await new Promise<bigint[]>((resolve, reject) => {
        const seen: bigint[] = [];
        const stop = client.watchBlockNumber({
          onError: reject,
          onBlockNumber: (number) => {
            seen.push(number);
            if (seen.length < HEADS) return;
            stop();
            resolve(seen);
          },
        });
      });
      expect(numbers[1]).toBe((numbers[0] ?? 0n) + 1n);
      const block = await client.getBlock({ blockNumber: numbers[1] ?? 0n, includeTransactions: true });
      expect(block.hash).toBe(await hashAt(Number(numbers[1])));
      (await client.transport.getRpcClient()).close();
    });

    it('reads the network, and is told why there is no receipt', async () => {
      const client = createPublicClient({ transport: http(`http://127.0.0.1:${port}`, { batch: true }) });
      expect(await Promise.all([client.getChainId(), client.getBlockNumber()])).toEqual([
        CHAIN_ID,
        expect.any(BigInt),
      ]);
      const hash = `0x${'00'.repeat(32)}` as const;
      await expect(client.getTransactionReceipt({ hash })).rejects.toThrow(/needs execution/);
    });
  });
});

/** With dynamic fees it needs a chain of after London, which no chain of a test's own is: the pool is a fake there. */
describe('a transaction that a client sends', () => {
  const chains = new Chains();
  const key = toHex(aKey()) as `0x${string}`;
  let node: TestNode;
  let rpc: JsonRpcUnderTest;

  const legacy = { name: 'legacy', fees: { type: 0, gasPrice: GWEI } } as const;
  const dynamic = {
    name: 'dynamic fees',
    fees: { type: 2, maxFeePerGas: 3n * GWEI, maxPriorityFeePerGas: GWEI },
  } as const;

  beforeAll(async () => {
    node = await TestNode.start({
      genesis: singleValidatorGenesis(aKey()),
      settings: { jsonrpc: { port: 0 } },
    });
    rpc = await JsonRpcUnderTest.start({ chain: await chains.open(), pool: new FakePool() });
  });
  afterAll(async () => {
    await node?.stop();
    await rpc?.stop();
    await chains.closeAll();
  });

  const nodeUrl = () => `http://127.0.0.1:${node.get<JsonRpcServer>(JSONRPC_SERVER).port}`;
  const places = [
    { ...legacy, chainId: CHAIN_ID, url: nodeUrl },
    { ...dynamic, chainId: RECORDED_CHAIN_ID, url: () => rpc.url },
  ];

  it.each(places)('is taken and known from ethers: $name', async ({ fees, chainId, url }) => {
    const provider = new JsonRpcProvider(url(), chainId, { staticNetwork: true });
    const wallet = new Wallet(key);
    const signed = await wallet.signTransaction({
      ...fees,
      ...{ chainId, nonce: 0, gasLimit: 21_000, to: TO, value: 1 },
    });
    // It compares the hash with its own.
    const { hash } = await provider.broadcastTransaction(signed);
    expect(await provider.getTransaction(hash)).toMatchObject({
      ...{ hash, nonce: 0, from: wallet.address, blockHash: null, type: fees.type },
    });
    provider.destroy();
  });

  it.each(places)('is taken and known from viem: $name', async ({ fees, chainId, url }) => {
    const client = createPublicClient({ transport: http(url()) });
    const account = privateKeyToAccount(key);
    const { type, ...prices } = fees;
    const serializedTransaction = await account.signTransaction({
      ...(prices as { gasPrice: bigint }),
      type: (type === 0 ? 'legacy' : 'eip1559') as 'legacy',
      ...{ chainId, nonce: 1, gas: 21_000n, to: TO, value: 1n },
    });
    const hash = await client.sendRawTransaction({ serializedTransaction });
    const { from, ...known } = await client.getTransaction({ hash });
    expect(known).toMatchObject({ hash, nonce: 1, blockHash: null });
    expect(from.toLowerCase()).toBe(account.address.toLowerCase());
  });

  it('is in the pool of the node, once', async () => {
    const pool = node.get<TxPool>(TXPOOL);
    expect(pool.size()).toBe(2);
    const client = createPublicClient({ transport: http(nodeUrl()) });
    const account = privateKeyToAccount(key);
    const serializedTransaction = await account.signTransaction({
      ...{ type: 'legacy', chainId: CHAIN_ID, nonce: 1, gas: 21_000n, gasPrice: GWEI, to: TO, value: 1n },
    });
    await expect(client.sendRawTransaction({ serializedTransaction })).rejects.toThrow(/already known/);
    expect(pool.size()).toBe(2);
  });
});

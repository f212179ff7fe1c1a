import { afterEach, describe, expect, it } from '@jest/globals';
import { type Network, readBackup, readJsonl } from '../../../test/support/fixtures.js';
import { readGenesisText } from '../../../test/support/genesis-texts.js';
import { JsonRpcUnderTest } from '../../../test/support/jsonrpc-under-test.js';
import { openChain } from '../../../test/support/open-chain.js';
import { type ChainConfig, parseGenesis } from '../blockchain/index.js';

interface RecordedBlock {
  readonly number: string;
  readonly hash: string;
  readonly transactions: readonly { readonly hash: string }[];
}

/** What the Go client's JSON-RPC said of each block of five networks. */
describe('blocks and transactions', () => {
  const cleanups: (() => Promise<void>)[] = [];
  afterEach(async () => {
    for (const cleanup of cleanups.splice(0)) await cleanup();
  });

  async function serve(network: Network, change: (config: ChainConfig) => ChainConfig = (same) => same) {
    const chainConfig = change(parseGenesis(readGenesisText(network)));
    const chain = await openChain(chainConfig);
    cleanups.push(() => chain.close());
    await chain.insert(readBackup(network).blocks, { source: 'sync' });
    const rpc = await JsonRpcUnderTest.start({ chain, chainConfig });
    cleanups.push(() => rpc.stop());
    return rpc;
  }

  it.each<Network>(['ibft-ecdsa', 'ibft-bls', 'ibft-switch', 'ibft-pos-change', 'polybft'])(
    'of %s are what the Go client says',
    async (network) => {
      const rpc = await serve(network);
      const recorded = readJsonl<RecordedBlock & Record<string, unknown>>(`${network}/blocks.jsonl`);
      const mined = recorded.flatMap((block) =>
        block.transactions.map((transaction) => ({ block, transaction })),
      );
      expect(mined.length).toBeGreaterThan(0);
      for (const block of recorded) {
        const hashes = block.transactions.map(({ hash }) => hash);
        // As text, for the keys stand in its order.
        const full = await rpc.call('eth_getBlockByNumber', block.number, true);
        expect(JSON.stringify(full)).toBe(JSON.stringify(block));
        const short = await rpc.call('eth_getBlockByHash', block.hash);
        expect(JSON.stringify(short)).toBe(JSON.stringify({ ...block, transactions: hashes }));
      }
      for (const { transaction } of mined) {
        expect(await rpc.call('eth_getTransactionByHash', transaction.hash)).toEqual(transaction);
      }
    },
    60_000,
  );
});

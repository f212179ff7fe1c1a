/** Verifies and reads a damaged store: `node damaged-reader.js '{"folder": …, "store": "lmdb"}'` */
import { writeSync } from 'node:fs';
import process from 'node:process';
import { toHex } from '../../src/common/bytes.js';
import { SystemClock } from '../../src/common/clock.js';
import { SilentLogger } from '../../src/common/logger.port.js';
import { blockchainConfigSchema } from '../../src/modules/blockchain/blockchain.config.js';
import { BlockchainError } from '../../src/modules/blockchain/blockchain.errors.js';
import { verifyStore } from '../../src/modules/blockchain/chain/verify-report.js';
import { parseGenesis } from '../../src/modules/blockchain/genesis/parse-genesis.js';
import { same } from './compare.js';
import { DAMAGED_BLOCKS } from './damage.js';
import { votedChain } from './known-chain.js';
import { openNode, type StoreKind } from './open-node.js';
import type { Findings } from './told.js';

const STDOUT = 1;
const { folder, store: kind } = JSON.parse(process.argv[2] ?? '{}') as { folder: string; store: StoreKind };
const known = votedChain(DAMAGED_BLOCKS);
const wrong: string[] = [];
let refusals = 0;
let refused: string | undefined;

/** Notes an answer that is wrong; an error with a code is no answer. */
async function ask(what: string, question: () => Promise<boolean>): Promise<void> {
  try {
    if (!(await question())) wrong.push(what);
  } catch (error) {
    if (!(error instanceof BlockchainError)) throw error;
    refusals += 1;
  }
}

async function verify(): Promise<string> {
  try {
    const { damaged, fault } = await verifyStore(folder, {
      chain: parseGenesis(known.genesisText),
      config: blockchainConfigSchema.parse({ store: kind, verifyThreads: 0 }),
      clock: new SystemClock(),
      log: new SilentLogger(),
    });
    if (damaged.length > 0) return `blocks ${damaged.slice(0, 5).join(' ')}`;
    return fault === undefined ? '' : `${fault.code}: ${fault.reason}`;
  } catch (error) {
    if (error instanceof BlockchainError) return `${error.code}: ${error.message}`;
    throw error;
  }
}

/** Blocks that were cut off come again, as from a peer. */
async function readAll(): Promise<void> {
  const { chain, store } = await openNode(folder, kind, known.genesisText);
  for (let time = 0; time < 2; time++) {
    const head = chain.head()?.number ?? -1;
    const { tail } = chain.info();
    if (tail !== 0) wrong.push(`tail ${tail}`);
    for (let number = 0; number <= head; number++) {
      const hash = known.hashes[number] ?? new Uint8Array();
      await ask(`block ${number}`, async () => same(await store.rawBlock(number), known.blocks[number]));
      await ask(`hash of ${number}`, async () => same(await store.hashByNumber(number), hash));
      await ask(`number of the hash of ${number}`, async () => (await store.numberByHash(hash)) === number);
      await ask(`set at ${number + 1}`, async () => {
        const set = (await chain.validatorsAt(number + 1))?.map(({ address }) => toHex(address));
        return set?.join() === known.validatorsAt(number + 1).join();
      });
    }
    const rest = known.blocks.slice(head + 1, head + 200);
    await ask(
      'what comes next',
      async () => (await chain.insert(rest, { source: 'sync' })).inserted.length > 0,
    );
  }
  await chain.close();
}

const verified = await verify();
await readAll().catch((error: unknown) => {
  if (!(error instanceof BlockchainError)) throw error;
  refused = `${error.code}: ${error.message}`;
});
const findings: Findings = { verified, refused, refusals, wrong };
writeSync(STDOUT, JSON.stringify(findings));

/** What each stage of a verified sync costs on one core, microseconds a block; `node sync-stages.mjs FOLDER`. */
import '../dist/polyfill.js';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SilentLogger } from '../dist/common/logger.port.js';
import { openLmdbBlockStore } from '../dist/modules/blockchain/adapters/lmdb/lmdb-block-store.adapter.js';
import { verifyGenesis } from '../dist/modules/blockchain/chain/genesis-check.js';
import { judgeChunk } from '../dist/modules/blockchain/chain/judge-chunk.js';
import { recoverPublicKey, signRecoverable } from '../dist/modules/blockchain/crypto/secp256k1.js';
import { createConsensus, decodeBlock, openArchive, parseGenesis } from '../dist/modules/blockchain/index.js';
import { examineChunk } from '../dist/modules/blockchain/verification/examine-chunk.js';

const BATCH = 128;
const MAX_BLOCKS = 4_000;
const RECOVERIES = 2_000;
const [folder] = process.argv.slice(2);
const config = parseGenesis(readFileSync(join(folder, 'genesis.json'), 'utf8'));
const consensus = createConsensus(config);
await consensus.prepare();
const blocks = [];
const archive = await openArchive(join(folder, 'backup.dat'));
for await (const raw of archive.blocks) {
  if (blocks.length > MAX_BLOCKS) break;
  blocks.push(raw);
}
await archive.close();
const count = blocks.length - 1;
const maxBlockBytes = 4 * 1_024 * 1_024;
const rules = { consensus, forks: config.forks, maxBlockBytes };
const { block: genesis, tip: start } = verifyGenesis(blocks[0], { config, consensus, maxBlockBytes });

const batches = [];
for (let from = 1; from <= count; from += BATCH)
  batches.push({ from, blocks: blocks.slice(from, from + BATCH) });
const examine = () => {
  let state = start.state;
  return batches.map(({ from, blocks: some }) => {
    const chunk = examineChunk({ parent: blocks[from - 1], blocks: some, hint: state.encoded }, rules);
    state = consensus.foresee(state, () => some.map((raw) => decodeBlock(raw).header));
    return chunk;
  });
};
const judge = (chunks) => {
  let tip = start;
  return chunks.map((chunk, index) => {
    const judged = judgeChunk(batches[index].blocks, chunk, tip, {
      consensus,
      isStrict: false,
      anchor: undefined,
      nowMs: Date.now(),
    });
    if (judged.failure) throw judged.failure;
    tip = judged.tip;
    return judged.blocks;
  });
};

/** CPU time of this process, which is what a busy machine cannot change much. */
function cost(action, times = count) {
  action();
  const before = process.cpuUsage();
  const result = action();
  const { user, system } = process.cpuUsage(before);
  return { us: Number(((user + system) / times).toFixed(1)), result };
}

/** What the machine takes for one signature: the unit in which ECDSA chains are to be read. */
function recoveries() {
  const digest = new Uint8Array(32).fill(1);
  const seal = signRecoverable(digest, new Uint8Array(32).fill(2));
  for (let i = 0; i < RECOVERIES; i++) recoverPublicKey(digest, seal);
}

const decoded = cost(() => {
  for (const raw of blocks) consensus.headerHash(decodeBlock(raw).header);
});
const examined = cost(examine);
const judged = cost(() => judge(examined.result));
const data = mkdtempSync(join(tmpdir(), 'edgekeeper-bench-'));
const store = await openLmdbBlockStore({ path: join(data, 'blocks'), log: new SilentLogger() });
await store.append([genesis]);
const before = process.cpuUsage();
const startedMs = performance.now();
for (const batch of judged.result) await store.append(batch);
const { user, system } = process.cpuUsage(before);
const report = {
  blocks: count,
  bytesPerBlock: Math.round(blocks.reduce((sum, raw) => sum + raw.length, 0) / blocks.length),
  decodeAndHashUs: decoded.us,
  examineUs: examined.us,
  recoveryUs: cost(recoveries, RECOVERIES).us,
  judgeUs: judged.us,
  storeCpuUs: Number(((user + system) / count).toFixed(1)),
  storeWallUs: Number((((performance.now() - startedMs) * 1_000) / count).toFixed(1)),
};
await store.close();
rmSync(data, { recursive: true });
process.stdout.write(`${JSON.stringify(report)}\n`);

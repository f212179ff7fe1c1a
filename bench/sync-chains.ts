/**
 * Chains for the sync bench, sealed with real keys; made once and kept below .cache/bench as genesis.json and an archive.
 * `node --import ./scripts/typescript.mjs bench/sync-chains.ts NAME BLOCKS`
 */
import '../src/polyfill.js';
import { createWriteStream, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { finished } from 'node:stream/promises';
import { archiveMetadata } from '../src/modules/blockchain/archive/archive-metadata.js';
import { type BuiltChain, ibftChain, polybftChain, transfers } from '../test/support/chain-builder/index.js';

/** Seals that a block of real networks carries: a validator's block is sealed once 2/3 have committed. */
const quorumOf = (validators: number) => Math.floor((2 * validators) / 3) + 1;

const CHAINS: Record<string, (blocks: number) => BuiltChain> = {
  'ecdsa-4': (blocks) => grown(ibftChain({ validators: 4 }), blocks, { signers: quorumOf(4) }),
  'ecdsa-7': (blocks) => grown(ibftChain({ validators: 7 }), blocks, { signers: quorumOf(7) }),
  'bls-4': (blocks) => grown(ibftChain({ validators: 4, type: 'bls' }), blocks, { signers: quorumOf(4) }),
  'ecdsa-4-100-transactions': (blocks) => {
    const chain = ibftChain({ validators: 4, gasLimit: 30_000_000n });
    for (let number = 1; number <= blocks; number++) {
      chain.seal({ signers: quorumOf(4), transactions: hundred, gasUsed: 2_100_000n });
    }
    return chain;
  },
};

function grown(
  chain: ReturnType<typeof ibftChain>,
  blocks: number,
  options: { signers: number },
): BuiltChain {
  for (let number = 1; number <= blocks; number++) chain.seal(options);
  return chain;
}

/** The same hundred transfers in each block: nothing here executes them. */
const hundred = transfers(100);

async function build(name: string, blocks: number): Promise<BuiltChain> {
  if (name === 'polybft-5') {
    const chain = await polybftChain({});
    chain.grow(blocks);
    return chain;
  }
  const make = CHAINS[name];
  if (make === undefined) throw new Error(`no chain ${name}`);
  return make(blocks);
}

const [name = '', count = '0', folder = '.'] = process.argv.slice(2);
const chain = await build(name, Number(count));
mkdirSync(folder, { recursive: true });
writeFileSync(`${folder}/genesis.json`, chain.genesisText);
const out = createWriteStream(`${folder}/backup.part`);
out.write(archiveMetadata({ latest: Number(count), latestHash: new Uint8Array(32) }));
for (const raw of chain.blocks) out.write(raw);
out.end();
await finished(out);
renameSync(`${folder}/backup.part`, `${folder}/backup.dat`);

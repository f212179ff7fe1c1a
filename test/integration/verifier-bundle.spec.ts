import { execFile } from 'node:child_process';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import vm from 'node:vm';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { buildHeaderProof } from '../../src/modules/blockchain/proofs/build-header-proof.js';
import { buildTransactionProof } from '../../src/modules/blockchain/proofs/build-transaction-proof.js';
import { ProofVerifier } from '../../src/modules/blockchain/proofs/proof-verifier.js';
import type { Verifier, VerifierOptions } from '../../src/verifier/index.js';
import { NETWORKS, type Network } from '../support/fixtures.js';
import { restructured } from '../support/proof-mutants.js';
import { recordedProvable } from '../support/provable-chain.js';
import { bundledVerifier } from '../support/verifier-bundle.js';

const run = promisify(execFile);
const root = resolve(import.meta.dirname, '../..');
const MAX_BYTES = 300_000;
/** The slow cryptography sees a part of what the fast one is shown. */
const MUTANT_STEP = 16;

/** A block with a transaction, behind a change of the set where that can be. */
const PLACES: Record<Network, number> = {
  'ibft-ecdsa': 64,
  'ibft-bls': 154,
  'ibft-poa-rounds': 520,
  'ibft-pos': 32,
  'ibft-switch': 86,
  'ibft-pos-change': 32,
  polybft: 70,
};

interface Bundle {
  createVerifier(options: VerifierOptions): Promise<Verifier>;
}

/** Loads a module where there is nothing but the language and what every browser has. */
async function loadBare(code: string): Promise<{ bundle: Bundle; parse: (text: string) => unknown }> {
  const context = vm.createContext({ TextEncoder });
  const module = new vm.SourceTextModule(code, { context });
  await module.link(() => {
    throw new Error('the bundle imports something');
  });
  await module.evaluate();
  return {
    bundle: module.namespace as unknown as Bundle,
    parse: vm.runInContext('(text) => JSON.parse(text)', context) as (text: string) => unknown,
  };
}

const shown = (value: unknown) =>
  JSON.parse(JSON.stringify(value, (_, part) => (typeof part === 'bigint' ? `${part}n` : part)));

/** The verdict, or the code of the refusal. */
function outcome(act: () => unknown): unknown {
  try {
    return shown(act());
  } catch (error) {
    return (error as { code?: string }).code ?? String(error);
  }
}

describe('edgekeeper/verifier', () => {
  let folder: string;
  let code: string;

  beforeAll(async () => {
    folder = await bundledVerifier();
    code = await readFile(join(folder, 'index.js'), 'utf8');
  });

  afterAll(() => rm(folder, { recursive: true }));

  it('is one small file that has nothing of Node', () => {
    expect(code.length).toBeLessThan(MAX_BYTES);
    expect(code.match(/\bBuffer\b|\bprocess\.|\brequire\(|from ?["']|import\(|["']node:/g)).toBeNull();
  });

  it.each(NETWORKS)('says of %s what the node says, where there is no Node', async (network) => {
    const { chain, config, text } = await recordedProvable(network);
    const { bundle, parse } = await loadBare(code);
    const options = { genesis: text, acceptTrustedSets: true };
    const [theirs, ours] = await Promise.all([ProofVerifier.create(options), bundle.createVerifier(options)]);
    const proof = await buildHeaderProof(chain, config, PLACES[network]);
    expect(outcome(() => ours.verifyHeaderProof(parse(JSON.stringify(proof))))).toMatchObject({
      number: PLACES[network],
    });
    const mutants = [...restructured(proof)].filter((_, index) => index % MUTANT_STEP === 1);
    for (const [name, mutant] of [['as it is', proof] as const, ...mutants]) {
      const copy = parse(JSON.stringify(mutant));
      const verdict = outcome(() => ours.verifyHeaderProof(copy));
      expect({ name, verdict }).toEqual({ name, verdict: outcome(() => theirs.verifyHeaderProof(mutant)) });
    }
    if (network === 'ibft-poa-rounds') return;
    const transaction = await buildTransactionProof(chain, config, { number: PLACES[network], index: 0 });
    expect(outcome(() => ours.verifyTransactionProof(parse(JSON.stringify(transaction))))).toEqual(
      outcome(() => theirs.verifyTransactionProof(transaction)),
    );
  });

  it('has types that stand by themselves', async () => {
    const use = `import { createVerifier, type HeaderProof, type VerifiedHeader } from './index.js';
export async function prove(genesis: string, proof: HeaderProof): Promise<VerifiedHeader> {
  return (await createVerifier({ genesis })).verifyHeaderProof(proof);
}\n`;
    const compilerOptions = { strict: true, noEmit: true, target: 'es2022', module: 'nodenext', types: [] };
    await writeFile(join(folder, 'package.json'), '{"type":"module"}');
    await writeFile(join(folder, 'use.ts'), use);
    await writeFile(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['use.ts'] }));
    await run(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', folder]);
  });
});

import { rm } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Browser, chromium, type Page } from 'playwright-core';
import { toHex } from '../../src/common/bytes.js';
import { buildHeaderProof } from '../../src/modules/blockchain/proofs/build-header-proof.js';
import { buildTransactionProof } from '../../src/modules/blockchain/proofs/build-transaction-proof.js';
import { type Network, readJsonl } from '../support/fixtures.js';
import { withHeader } from '../support/proof-mutants.js';
import { recordedProvable } from '../support/provable-chain.js';
import { bundledVerifier } from '../support/verifier-bundle.js';
import { chromiumFlags, chromiumPath } from './chromium.mjs';
import { type PageServer, servePage } from './page-server.js';

const START_TIMEOUT_MS = 60_000;

/** Heights behind a change of the set, with a transaction. */
const PROVED: readonly (readonly [Network, number])[] = [
  ['ibft-ecdsa', 65],
  ['ibft-bls', 155],
  ['ibft-switch', 86],
  ['polybft', 70],
];

interface Case {
  readonly name: string;
  readonly options: { readonly genesis: string };
  readonly kind: 'header' | 'transaction';
  readonly proof: unknown;
  /** What the page shows. */
  readonly result: string;
}

async function casesOf(network: Network, number: number): Promise<Case[]> {
  const { chain, config, text } = await recordedProvable(network);
  const options = { genesis: text };
  const proof = await buildHeaderProof(chain, config, number);
  const hash = toHex((await chain.hashByNumber(number)) ?? new Uint8Array());
  const transaction = await buildTransactionProof(chain, config, { number, index: 0 });
  const recorded = readJsonl<{ transactionHash: string; blockNumber: string; transactionIndex: string }>(
    `${network}/receipts.jsonl`,
  ).find(
    ({ blockNumber, transactionIndex }) => Number(blockNumber) === number && Number(transactionIndex) === 0,
  );
  const last = proof.segments.length - 1;
  const cut = withHeader(proof, last, (proof.segments[last]?.length ?? 0) - 1, '0xc0');
  return [
    { name: network, options, kind: 'header', proof, result: `${number} ${hash}` },
    {
      name: `${network}, a transaction`,
      options,
      kind: 'transaction',
      proof: transaction,
      result: `${number} ${recorded?.transactionHash}`,
    },
    { name: `${network}, altered`, options, kind: 'header', proof: cut, result: 'BLOCKCHAIN.UNDECODABLE' },
  ];
}

describe('edgekeeper/verifier in a browser', () => {
  let folder: string;
  let server: PageServer;
  let browser: Browser;
  let page: Page;
  let cases: Case[];
  const faults: string[] = [];

  beforeAll(async () => {
    folder = await bundledVerifier();
    cases = (await Promise.all(PROVED.map(([network, number]) => casesOf(network, number)))).flat();
    server = await servePage(folder, cases);
    browser = await chromium.launch({ executablePath: chromiumPath, headless: true, args: chromiumFlags });
    page = await browser.newPage();
    page.on('pageerror', (error) => faults.push(String(error)));
    page.on('console', (message) => {
      if (message.type() === 'error') faults.push(message.text());
    });
    await page.goto(server.url);
    await page.waitForSelector('body[data-done]', { timeout: START_TIMEOUT_MS });
  }, 2 * START_TIMEOUT_MS);

  afterAll(async () => {
    await browser?.close();
    await server?.close();
    await rm(folder, { recursive: true });
  });

  it('proves and refuses what it is given, and shows it', async () => {
    const rows = await page.locator('#results tr').allInnerTexts();
    const shown = rows.map((row) => row.split('\t').slice(0, 2));
    expect(shown).toEqual(cases.map(({ name, result }) => [name, result]));
  });

  it('runs without an error, and without evaluating text', () => {
    expect(faults).toEqual([]);
  });
});

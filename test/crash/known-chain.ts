import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { toHex } from '../../src/common/bytes.js';
import { type IbftChain, ibftChain, transfers } from '../support/chain-builder/index.js';

/** A chain as it should be, for whoever compares. */
export interface KnownChain {
  readonly genesisText: string;
  readonly blocks: readonly Uint8Array[];
  readonly hashes: readonly Uint8Array[];
  /** Validators' addresses in force at a height, at most one above the last. */
  validatorsAt(number: number): readonly string[];
}

interface ChainFile {
  readonly genesisText: string;
  readonly blocks: readonly string[];
  readonly hashes: readonly string[];
  readonly sets: readonly { readonly from: number; readonly addresses: readonly string[] }[];
}

const VOTE_PERIOD = 100;
const TRANSFER_PERIOD = 40;

/** Four validators who vote a fifth one in and out, with a block of transactions now and then. Built once. */
export function votedChain(length: number): KnownChain {
  const path = `.cache/crash/chains/voted-${length}.json`;
  if (!existsSync(path)) save(path, buildVoted(length));
  const file = JSON.parse(readFileSync(path, 'utf8')) as ChainFile;
  return {
    genesisText: file.genesisText,
    blocks: file.blocks.map((text) => Buffer.from(text, 'base64')),
    hashes: file.hashes.map((text) => Buffer.from(text, 'base64')),
    validatorsAt: (number) => file.sets.findLast(({ from }) => from <= number)?.addresses ?? [],
  };
}

function buildVoted(length: number): IbftChain {
  const chain = ibftChain({ epochSize: 1_000 });
  const candidate = chain.newKey();
  const isIn = () => chain.set.some(({ address }) => toHex(address) === toHex(candidate.address));
  for (let number = 1; number <= length; number++) {
    const authorize = Math.floor(number / VOTE_PERIOD) % 2 === 0;
    chain.seal({
      ...(isIn() !== authorize && { vote: { candidate, authorize } }),
      ...(number % TRANSFER_PERIOD === 0 && {
        transactions: transfers(60, { chainId: chain.config.chainId }),
      }),
    });
  }
  return chain;
}

function save(path: string, chain: IbftChain): void {
  const sets: { from: number; addresses: string[] }[] = [];
  for (let from = 0; from <= chain.height + 1; from++) {
    const addresses = chain.setAt(Math.max(from, 1)).map(({ address }) => toHex(address));
    if (sets.at(-1)?.addresses.join() !== addresses.join()) sets.push({ from, addresses });
  }
  const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64');
  const { genesisText, blocks, hashes } = chain;
  const file: ChainFile = { genesisText, blocks: blocks.map(base64), hashes: hashes.map(base64), sets };
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(`${path}.new`, JSON.stringify(file));
  renameSync(`${path}.new`, path);
}

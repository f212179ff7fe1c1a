import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ibftChain } from '../support/chain-builder/index.js';
import { openNode, type StoreKind } from './open-node.js';

/** Blocks of the store whose opening is measured. */
export const LONG_BLOCKS = 100_000;
const MORE_BLOCKS = 400;
const BATCH = 128;

export interface LongChain {
  readonly genesisText: string;
  /** What follows the blocks of the store. */
  readonly more: readonly Uint8Array[];
}

const folderOf = (store: StoreKind) => join('.cache/crash/long', store);

/** A closed data folder with a chain of one validator. Built once, which takes minutes. */
export async function longFolder(store: StoreKind): Promise<string> {
  const folder = folderOf(store);
  if (existsSync(folder)) return folder;
  const draft = `${folder}.new`;
  rmSync(draft, { recursive: true, force: true });
  mkdirSync(draft, { recursive: true });
  const built = ibftChain({ validators: 1 });
  const { chain } = await openNode(draft, store, built.genesisText);
  await chain.insert(built.blocks.slice(0, 1), { source: 'sync' });
  while (built.height < LONG_BLOCKS) {
    const from = built.height + 1;
    built.grow(Math.min(BATCH, LONG_BLOCKS - built.height));
    await chain.insert(built.blocks.slice(from), { source: 'sync' });
  }
  await chain.close();
  built.grow(MORE_BLOCKS);
  const more = built.blocks.slice(LONG_BLOCKS + 1).map((raw) => Buffer.from(raw).toString('base64'));
  writeFileSync(join(draft, 'chain.json'), JSON.stringify({ genesisText: built.genesisText, more }));
  renameSync(draft, folder);
  return folder;
}

/** Of a copy of {@link longFolder}. */
export function longChain(folder: string): LongChain {
  const { genesisText, more } = JSON.parse(readFileSync(join(folder, 'chain.json'), 'utf8')) as {
    genesisText: string;
    more: string[];
  };
  return { genesisText, more: more.map((text) => Buffer.from(text, 'base64')) };
}

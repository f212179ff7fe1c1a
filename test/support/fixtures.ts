import { existsSync, readFileSync } from 'node:fs';
import { itemLength, RlpReader } from '../../src/modules/blockchain/rlp/rlp.js';

/** The networks recorded from the Go client; each has a `backup.dat`. */
export const NETWORKS = [
  'ibft-ecdsa',
  'ibft-bls',
  'ibft-poa-rounds',
  'ibft-pos',
  'ibft-switch',
  'ibft-pos-change',
  'polybft',
] as const;

export type Network = (typeof NETWORKS)[number];

export interface Backup {
  readonly metadata: { readonly latest: number; readonly latestHash: Uint8Array };
  /** Block RLP, from block 0 on. */
  readonly blocks: readonly Uint8Array[];
}

const root = new URL('../fixtures/', import.meta.url);

/** A recorded file as bytes; `path` is relative to test/fixtures. */
export function readFixture(path: string): Uint8Array {
  return new Uint8Array(readFileSync(new URL(path, root)));
}

/** A recorded file as text. */
export function readFixtureText(path: string): string {
  return readFileSync(new URL(path, root), 'utf8');
}

export function hasFixture(path: string): boolean {
  return existsSync(new URL(path, root));
}

/** The archive that the Go client's `backup` wrote, split into its blocks. */
export function readBackup(network: Network): Backup {
  const bytes = readFixture(`${network}/backup.dat`);
  const items: Uint8Array[] = [];
  for (let offset = 0; offset < bytes.length; ) {
    const length = itemLength(bytes, offset);
    if (length === undefined) throw new Error(`${network}/backup.dat is cut off at byte ${offset}`);
    items.push(bytes.subarray(offset, offset + length));
    offset += length;
  }
  const [head, ...blocks] = items;
  if (head === undefined) throw new Error(`${network}/backup.dat is empty`);
  const metadata = new RlpReader(head).readList();
  return { metadata: { latest: Number(metadata.readUint64()), latestHash: metadata.readFixed(32) }, blocks };
}

/** The lines of a JSON-lines file, parsed. `T` is the caller's claim. */
export function readJsonl<T = Record<string, unknown>>(path: string): T[] {
  return readFixtureText(path)
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as T);
}

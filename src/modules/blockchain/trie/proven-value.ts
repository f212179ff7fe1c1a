import { bytesEqual } from '../../../common/bytes.js';
import { keccak256 } from '../crypto/keccak.js';
import { encodeUint, RlpError, RlpReader } from '../rlp/rlp.js';
import { nibblesOf } from './trie.js';

const BRANCH_ITEMS = 17;
const HASH_BYTES = 32;
const IS_LEAF = 2;
const IS_ODD = 1;

/**
 * The value at `index` of the list whose {@link orderedTrieRoot} is `root`; undefined unless the nodes, all of them and in
 * this order, prove it.
 */
export function provenValue(
  root: Uint8Array,
  index: number,
  nodes: readonly Uint8Array[],
): Uint8Array | undefined {
  try {
    return walk(root, nibblesOf(encodeUint(index)), nodes);
  } catch (error) {
    if (error instanceof RlpError) return undefined;
    throw error;
  }
}

function walk(root: Uint8Array, path: Uint8Array, nodes: readonly Uint8Array[]): Uint8Array | undefined {
  let used = 0;
  let at = 0;
  const resolve = (hash: Uint8Array): Uint8Array => {
    const node = nodes[used++];
    if (node === undefined || !bytesEqual(keccak256(node), hash))
      throw new RlpError('malformed', 'a node is not the one that was named');
    return node;
  };
  // A child is named by its hash, or stands where the name would.
  const childOf = (item: Uint8Array) =>
    new RlpReader(item).nextIsList ? item : resolve(new RlpReader(item).readFixed(HASH_BYTES));
  let node = resolve(root);
  for (;;) {
    const items = itemsOf(node);
    const [first, second] = items;
    if (items.length === BRANCH_ITEMS) {
      node = childOf(items[path[at++] ?? BRANCH_ITEMS] ?? new Uint8Array());
    } else if (items.length === 2 && first !== undefined && second !== undefined) {
      const { nibbles, isLeaf } = readPath(first);
      if (!bytesEqual(nibbles, path.subarray(at, at + nibbles.length))) return undefined;
      at += nibbles.length;
      if (!isLeaf) node = childOf(second);
      else return at === path.length && used === nodes.length ? readValue(second) : undefined;
    } else return undefined;
  }
}

function itemsOf(node: Uint8Array): Uint8Array[] {
  const outer = new RlpReader(node);
  const reader = outer.readList();
  outer.expectEnd('node');
  const items: Uint8Array[] = [];
  while (!reader.isAtEnd) items.push(reader.readRaw());
  return items;
}

/** Undoes hex-prefix encoding. */
function readPath(item: Uint8Array): { readonly nibbles: Uint8Array; readonly isLeaf: boolean } {
  const [flag = 0, ...rest] = nibblesOf(new RlpReader(item).readBytes());
  const isOdd = (flag & IS_ODD) === IS_ODD;
  return { nibbles: Uint8Array.from(isOdd ? rest : rest.slice(1)), isLeaf: (flag & IS_LEAF) === IS_LEAF };
}

function readValue(item: Uint8Array): Uint8Array {
  return new RlpReader(item).readBytes();
}

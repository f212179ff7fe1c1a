import { compareBytes } from '../../../common/bytes.js';
import { keccak256 } from '../crypto/keccak.js';
import { encodeBytes, encodeList, encodeUint } from '../rlp/rlp.js';

interface Entry {
  /** One half-byte per element. */
  readonly nibbles: Uint8Array;
  readonly value: Uint8Array;
}

const EMPTY_STRING = Uint8Array.of(0x80);
const HASH_BYTES = 32;

/** The root of a trie without entries: keccak-256 of the empty string's RLP. */
export const EMPTY_TRIE_ROOT = keccak256(EMPTY_STRING);

/**
 * Root of the trie that a block's lists hang in: key RLP(index), value as given. Values must not be empty.
 * @see polygon-edge@597a0f3 types/buildroot/buildroot.go CalculateRoot
 */
export function orderedTrieRoot(values: readonly Uint8Array[]): Uint8Array {
  return trieRoot(orderedEntries(values));
}

/**
 * The nodes of that trie on the way from its root to the value at `index`, which must be of the list. A node shorter than a
 * hash stands in the one before it, and not by itself. {@link provenValue} reads them.
 */
export function orderedTrieProof(values: readonly Uint8Array[], index: number): Uint8Array[] {
  let entries = sorted(orderedEntries(values));
  const path = nibblesOf(encodeUint(index));
  const nodes: Uint8Array[] = [];
  let depth = 0;
  for (;;) {
    const node = encodeNode(entries, 0, entries.length, depth);
    if (nodes.length === 0 || node.length >= HASH_BYTES) nodes.push(node);
    const [first, last] = [entries[0], entries.at(-1)];
    if (first === undefined || last === undefined || first === last) return nodes;
    const shared = sharedDepth(first.nibbles, last.nibbles, depth);
    if (shared === depth) {
      entries = entries.filter(({ nibbles }) => nibbles[shared] === path[shared]);
      depth++;
    } else depth = shared;
  }
}

function orderedEntries(values: readonly Uint8Array[]): Entry[] {
  return values.map((value, index) => ({ nibbles: nibblesOf(encodeUint(index)), value }));
}

/** Root of a trie whose keys are hashed first, as state and storage are. Keys must differ, values must not be empty. */
export function secureTrieRoot(entries: Iterable<readonly [key: Uint8Array, value: Uint8Array]>): Uint8Array {
  return trieRoot(Array.from(entries, ([key, value]) => ({ nibbles: nibblesOf(keccak256(key)), value })));
}

function trieRoot(entries: Entry[]): Uint8Array {
  if (entries.length === 0) return EMPTY_TRIE_ROOT;
  return keccak256(encodeNode(sorted(entries), 0, entries.length, 0));
}

function sorted(entries: Entry[]): Entry[] {
  return entries.sort((a, b) => compareBytes(a.nibbles, b.nibbles));
}

/** The node over the sorted entries [from, to), which agree in their first `depth` nibbles; over none, empty. */
function encodeNode(entries: readonly Entry[], from: number, to: number, depth: number): Uint8Array {
  const first = entries[from];
  const last = entries[to - 1];
  if (from === to || first === undefined || last === undefined) return EMPTY_STRING;
  if (to - from === 1) {
    return encodeList([
      encodeBytes(compactPath(first.nibbles, depth, first.nibbles.length, true)),
      encodeBytes(first.value),
    ]);
  }
  const shared = sharedDepth(first.nibbles, last.nibbles, depth);
  const branch = encodeBranch(entries, from, to, shared);
  if (shared === depth) return branch;
  return encodeList([encodeBytes(compactPath(first.nibbles, depth, shared, false)), reference(branch)]);
}

/** No key ends in a branch: none is the beginning of another, so a branch never holds a value of its own. */
function encodeBranch(entries: readonly Entry[], from: number, to: number, depth: number): Uint8Array {
  const slots: Uint8Array[] = [];
  let next = from;
  for (let nibble = 0; nibble < 16; nibble++) {
    const start = next;
    while (next < to && entries[next]?.nibbles[depth] === nibble) next++;
    slots.push(reference(encodeNode(entries, start, next, depth + 1)));
  }
  return encodeList([...slots, EMPTY_STRING]);
}

/** A node shorter than a hash stands in its parent as it is. */
function reference(node: Uint8Array): Uint8Array {
  return node.length < HASH_BYTES ? node : encodeBytes(keccak256(node));
}

/** The first and the last of a sorted range agree in no more than all of them do. */
function sharedDepth(a: Uint8Array, b: Uint8Array, depth: number): number {
  let shared = depth;
  while (shared < a.length && a[shared] === b[shared]) shared++;
  return shared;
}

/** Hex-prefix encoding: a flag nibble (leaf, odd length) and the nibbles [from, to). */
function compactPath(nibbles: Uint8Array, from: number, to: number, isLeaf: boolean): Uint8Array {
  const isOdd = (to - from) % 2 === 1;
  const path = new Uint8Array(1 + Math.floor((to - from) / 2));
  const flag = (isLeaf ? 2 : 0) + (isOdd ? 1 : 0);
  let at = from;
  path[0] = flag * 16 + (isOdd ? (nibbles[at++] ?? 0) : 0);
  for (let index = 1; index < path.length; index++)
    path[index] = (nibbles[at++] ?? 0) * 16 + (nibbles[at++] ?? 0);
  return path;
}

/** The half-bytes of a key, higher first. */
export function nibblesOf(key: Uint8Array): Uint8Array {
  const nibbles = new Uint8Array(key.length * 2);
  key.forEach((byte, index) => {
    nibbles[2 * index] = byte >> 4;
    nibbles[2 * index + 1] = byte & 0x0f;
  });
  return nibbles;
}

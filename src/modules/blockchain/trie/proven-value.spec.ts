import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { provenValue } from './proven-value.js';
import { orderedTrieProof, orderedTrieRoot } from './trie.js';

/** Values shorter than a hash make nodes that stand in their parents. */
const lists = () =>
  fc
    .tuple(
      fc.array(fc.uint8Array({ minLength: 1, maxLength: 60 }), { minLength: 1, maxLength: 300 }),
      fc.nat(),
    )
    .map(([values, pick]) => ({ values, index: pick % values.length }));

describe('provenValue', () => {
  it('gives each value for its proof, and nothing for another index, root or order', () => {
    fc.assert(
      fc.property(lists(), ({ values, index }) => {
        const root = orderedTrieRoot(values);
        const nodes = orderedTrieProof(values, index);
        expect(provenValue(root, index, nodes)).toEqual(values[index]);
        expect(provenValue(root, values.length, nodes)).toBeUndefined();
        expect(provenValue(new Uint8Array(32), index, nodes)).toBeUndefined();
        expect(provenValue(root, index, nodes.slice(1))).toBeUndefined();
        expect(provenValue(root, index, nodes.slice(0, -1))).toBeUndefined();
        expect(provenValue(root, index, [...nodes, new Uint8Array([0xc0])])).toBeUndefined();
      }),
      { numRuns: 60 },
    );
  });

  it('gives nothing when a bit of a node is another', () => {
    const values = Array.from({ length: 200 }, (_, at) => new Uint8Array(at + 1).fill(at));
    const root = orderedTrieRoot(values);
    for (const index of [0, 1, 15, 16, 127, 128, 199]) {
      const nodes = orderedTrieProof(values, index);
      for (const [at, node] of nodes.entries()) {
        for (let bit = 0; bit < node.length * 8; bit += 7) {
          const flipped = nodes.with(at, flip(node, bit));
          expect(provenValue(root, index, flipped)).toBeUndefined();
        }
      }
    }
  });

  it.each([[[]], [[Uint8Array.of(0x80)]], [[new Uint8Array()]]])('gives nothing for nodes %j', (nodes) => {
    expect(provenValue(orderedTrieRoot([Uint8Array.of(1)]), 0, nodes)).toBeUndefined();
  });
});

function flip(bytes: Uint8Array, bit: number): Uint8Array {
  return bytes.map((byte, at) => (at === bit >> 3 ? byte ^ (1 << (bit & 7)) : byte));
}

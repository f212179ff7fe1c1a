import { decodeHeader } from '../codec/header.codec.js';
import type { BlockStore } from '../ports/block-store.port.js';
import type { ProofSource } from '../ports/proof-source.port.js';

/** What proofs are made of, from a store. */
export function proofSource(store: BlockStore): ProofSource {
  return {
    header: async (number) => {
      const raw = await store.rawHeader(number);
      return raw && decodeHeader(raw);
    },
    rawBlock: (number) => store.rawBlock(number),
    lastChange: async (number) => (await store.stateAt(number))?.number,
  };
}

import {
  decodeIbftExtra,
  encodeIbftExtra,
  type IbftExtraContext,
} from '../../../src/modules/blockchain/consensus/ibft/extra.js';
import { RlpReader } from '../../../src/modules/blockchain/rlp/rlp.js';
import { recordedHeaders } from '../seeds.js';
import { accepted, expectSame, type FuzzTarget, type Target } from '../target.js';

const VANITY_BYTES = 32;
const ITEMS = 5;

/** Genesis, the block without parent seals, a usual one, and the first one of another kind of validators. */
const contextsOf = (bls: boolean): IbftExtraContext[] => [
  { number: 0, bls, parentBls: bls },
  { number: 1, bls, parentBls: bls },
  { number: 100, bls, parentBls: bls },
  { number: 100, bls, parentBls: !bls },
];

const targetOf = (bls: boolean): Target => {
  const contexts = contextsOf(bls);
  return (bytes) => {
    for (const context of contexts) {
      const decoded = accepted(() => decodeIbftExtra(bytes, context));
      if (decoded === undefined) continue;
      const written = encodeIbftExtra(decoded);
      // Genesis and old clients leave out the last items.
      if (itemsOf(bytes) === ITEMS) expectSame(written, bytes);
      else expectSame(encodeIbftExtra(decodeIbftExtra(written, context)), written);
    }
  };
};

function itemsOf(extra: Uint8Array): number {
  const items = new RlpReader(extra, VANITY_BYTES).readList();
  let count = 0;
  for (; !items.isAtEnd; count++) items.readRaw();
  return count;
}

const extrasOf = (...networks: Parameters<typeof recordedHeaders>) =>
  recordedHeaders(...networks).map(({ extraData }) => extraData);

export const ibftExtraEcdsa: FuzzTarget = {
  run: targetOf(false),
  seeds: extrasOf('ibft-ecdsa', 'ibft-poa-rounds'),
};

export const ibftExtraBls: FuzzTarget = { run: targetOf(true), seeds: extrasOf('ibft-bls', 'ibft-pos') };

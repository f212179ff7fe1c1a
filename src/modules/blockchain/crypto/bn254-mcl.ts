import type { G2, PrecomputedG2 } from 'mcl-wasm';

interface Bn254 {
  readonly mcl: typeof import('mcl-wasm');
  readonly generator: G2;
  /** Minus the generator, with what its Miller loops have in common. */
  readonly minusGenerator: PrecomputedG2;
}

// x.c0, x.c1, y.c0, y.c1 after mcl's sign for an affine point. @see polygon-edge@597a0f3 bls/utils.go g2Point
const GENERATOR = [
  '1',
  '0x1800deef121f1e76426a00665e5c4479674322d4f75edadd46debd5cd992f6ed',
  '0x198e9393920d483a7260bfb731fb5d25f1aa493335a9e71297e485b7aef312c2',
  '0x12c85ea5db8c6deb4aab71808dcb408fe3d1e7690c43d37b4ce6cc0166fa7daa',
  '0x090689d0585ff075ec9e99ad690c3395bc4b313370b38ef355acdadcd122975b',
].join(' ');

let preparation: Promise<void> | undefined;
let prepared: Bn254 | undefined;

/**
 * Loads the curve, once in each thread; nothing else of it works before. Only chains that need the curve should pay: it
 * takes about 0.15 s and 15 MB.
 */
export function prepareBn254(): Promise<void> {
  preparation ??= load();
  return preparation;
}

async function load(): Promise<void> {
  const mcl = await import('mcl-wasm');
  await mcl.init(mcl.BN_SNARK1);
  // So that `isValid` means on the curve; the subgroup of a key is asked for by name.
  mcl.verifyOrderG2(false);
  const generator = new mcl.G2();
  generator.setStr(GENERATOR);
  prepared = { mcl, generator, minusGenerator: new mcl.PrecomputedG2(mcl.neg(generator)) };
}

/** The loaded curve. @throws {Error} before `prepareBn254` is done */
export function bn254(): Bn254 {
  if (prepared === undefined) throw new Error('prepareBn254 was not awaited');
  return prepared;
}

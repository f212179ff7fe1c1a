import { toHex } from '../../src/common/bytes.js';
import type { OpenedNode } from './open-node.js';

interface Wanted {
  readonly blocks: readonly Uint8Array[];
  readonly hashes: readonly Uint8Array[];
  validatorsAt?(number: number): readonly string[];
}

/** What of an opened chain is not as it should be: every block from the tail to the head, and each way to ask for it. */
export async function compare({ chain, store }: OpenedNode, wanted: Wanted): Promise<string[]> {
  const faults: string[] = [];
  const head = chain.head();
  if (head === undefined) return faults;
  const { tail } = chain.info();
  const expect = (isRight: boolean, what: string) => {
    if (!isRight) faults.push(what);
  };
  expect(same(head.hash, wanted.hashes[head.number]), `head ${head.number} has another hash`);
  expect((await store.rawBlock(head.number + 1)) === undefined, 'there is a block above the head');
  for (let number = 0; number <= head.number; number++) {
    if (number > 0 && number < tail) {
      expect((await store.rawBlock(number)) === undefined, `${number} is below the tail`);
      continue;
    }
    const hash = wanted.hashes[number] ?? new Uint8Array();
    expect(same(await store.rawBlock(number), wanted.blocks[number]), `block ${number} has other bytes`);
    expect(same(await store.hashByNumber(number), hash), `block ${number} has another hash`);
    expect((await store.numberByHash(hash)) === number, `block ${number} is not found by its hash`);
    if (number + 1 < tail) continue;
    const set = await chain.validatorsAt(number + 1);
    const addresses = set?.map(({ address }) => toHex(address)).join();
    const isSet = wanted.validatorsAt === undefined || addresses === wanted.validatorsAt(number + 1).join();
    expect(isSet, `${number + 1} has another set`);
  }
  return faults;
}

export function same(one: Uint8Array | undefined, other: Uint8Array | undefined): boolean {
  return one !== undefined && other !== undefined && Buffer.compare(one, other) === 0;
}

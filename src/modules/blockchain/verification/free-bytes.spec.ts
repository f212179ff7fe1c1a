import { beforeAll, describe, expect, it } from '@jest/globals';
import { ibftChain } from '../../../../test/support/chain-builder/index.js';
import { bytesAt, type Items, listAt, Target } from '../../../../test/support/mutations/mutation.js';
import { VerifiedChain } from '../../../../test/support/verified-chain.js';
import { toHex } from '../../../common/bytes.js';

const COMMITTED = 2;
const PARENT_SEALS = 3;
const ROUND = 4;
const NO_BYTES = new Uint8Array();

interface FreeBytes {
  readonly name: string;
  readonly block: () => Target;
  readonly change: (target: Target) => Uint8Array | undefined;
}

/** What whoever serves a block may choose, on our side as in the Go client: nothing that follows from the block depends on it. */
describe('bytes that nobody can hold a peer to', () => {
  let ecdsa: Target;
  let bls: Target;
  let old: Target;
  let first: Target;

  beforeAll(async () => {
    ecdsa = new Target(await VerifiedChain.recorded('ibft-ecdsa'), 100);
    bls = new Target(await VerifiedChain.recorded('ibft-bls'), 100);
    const chain = ibftChain().grow(1);
    chain.seal({ round: 'none', parentSeals: 'empty' });
    const built = await VerifiedChain.built('built', chain.grow(1));
    [first, old] = [new Target(built, 1), new Target(built, 2)];
  });

  const extra = (change: (items: Items) => unknown) => (target: Target) => target.withExtra(change);

  it.each<FreeBytes>([
    {
      name: 'a committed seal less while the quorum holds',
      block: () => first,
      change: extra((items) => listAt(items, COMMITTED).length === 4 && listAt(items, COMMITTED).pop()),
    },
    {
      name: 'committed seals in another order',
      block: () => ecdsa,
      change: extra((items) => listAt(items, COMMITTED).reverse()),
    },
    {
      name: 'the nonce of a block without a candidate',
      block: () => ecdsa,
      change: (target) => target.withHeader({ nonce: new Uint8Array(8).fill(0xff) }),
    },
    {
      name: 'the nonce of a block without a candidate, BLS',
      block: () => bls,
      change: (target) => target.withHeader({ nonce: new Uint8Array(8).fill(0xff) }),
    },
    {
      name: 'the item of a round that an old client did not write',
      block: () => old,
      change: extra((items) => bytesAt(items, ROUND).length === 0 && items.splice(ROUND)),
    },
    {
      name: 'the item of parent seals where an old client wrote none',
      block: () => old,
      change: extra((items) => listAt(items, PARENT_SEALS).length === 0 && items.splice(PARENT_SEALS)),
    },
    {
      name: 'how block 1 says that it has no parent seals',
      block: () => first,
      change: extra((items) => items.splice(PARENT_SEALS, 1, [NO_BYTES, NO_BYTES])),
    },
  ])('change neither hash nor set: $name', ({ block, change }) => {
    const target = block();
    const { chain, number } = target;
    const changed = change(target);
    if (changed === undefined) throw new Error('the block does not fit the case');
    expect(Buffer.compare(changed, target.raw)).not.toBe(0);
    const { failure, tip, anomalies } = chain.verdictOn(number - 1, [changed, chain.rawAt(number + 1)]);
    expect([failure, anomalies, tip.number]).toEqual([undefined, [], number + 1]);
    expect(toHex(tip.hash)).toBe(toHex(chain.hashAt(number + 1)));
    expect(toHex(tip.state.encoded)).toBe(toHex(chain.stateAt(number + 1).encoded));
  });
});

import { type NestedUint8Array, RLP } from '@ethereumjs/rlp';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { readBackup } from '../../../../../test/support/fixtures.js';
import { concatBytes, toHex } from '../../../../common/bytes.js';
import { BlockchainError } from '../../blockchain.errors.js';
import { decodeBlock } from '../../codec/block.codec.js';
import { decodeIbftExtra, encodeIbftExtra, type IbftExtraContext, initialIbftExtra } from './extra.js';

type Item = Uint8Array | NestedUint8Array;

const vanity = new Uint8Array(32).fill(0x11);
const address = new Uint8Array(20).fill(0x22);
const blsKey = new Uint8Array(48).fill(0x33);
const seal = new Uint8Array(65).fill(0x44);
const aggregate: Item = [Uint8Array.of(0x0f), new Uint8Array(96).fill(0x55)];
const round = Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 7);
const none = new Uint8Array();

const ECDSA: IbftExtraContext = { number: 5, bls: false, parentBls: false };
const BLS: IbftExtraContext = { number: 5, bls: true, parentBls: true };

const ecdsaItems: Item[] = [[address, address], seal, [seal, seal], [seal], round];
const blsItems: Item[] = [[[address, blsKey]], seal, aggregate, aggregate, round];

const extraOf = (items: Item[]) => concatBytes([vanity, RLP.encode(items)]);

function replaced(items: Item[], index: number, item: Item): Uint8Array {
  return extraOf(items.with(index, item));
}

function failureOf(extra: Uint8Array, context: IbftExtraContext): BlockchainError['detail'] | undefined {
  try {
    decodeIbftExtra(extra, context);
    return undefined;
  } catch (error) {
    if (error instanceof BlockchainError) return error.detail;
    throw error;
  }
}

describe('decodeIbftExtra', () => {
  it('reads an extra of ECDSA validators', () => {
    expect(decodeIbftExtra(extraOf(ecdsaItems), ECDSA)).toEqual({
      vanity,
      validators: [{ address }, { address }],
      rawValidators: RLP.encode([address, address]),
      proposerSeal: seal,
      committedSeals: RLP.encode([seal, seal]),
      parentSeals: RLP.encode([seal]),
      round: 7n,
    });
  });

  it('reads an extra of BLS validators', () => {
    expect(decodeIbftExtra(extraOf(blsItems), BLS)).toMatchObject({
      validators: [{ address, blsPublicKey: blsKey }],
      committedSeals: RLP.encode(aggregate),
      parentSeals: RLP.encode(aggregate),
    });
  });

  it.each<[string, Item[], IbftExtraContext]>([
    ['three items, as old clients wrote', ecdsaItems.slice(0, 3), ECDSA],
    ['four items', ecdsaItems.slice(0, 4), ECDSA],
    ['an empty round', ecdsaItems.with(4, none), ECDSA],
    ['no validators', ecdsaItems.with(0, []), ECDSA],
    ['no committed seals yet', blsItems.with(2, [none, none]), BLS],
    ['committed seals that are an empty list', blsItems.with(2, []), BLS],
    ['empty parent seals', blsItems.with(3, [none, none]), BLS],
    [
      'ECDSA seals of a parent before the switch to BLS',
      blsItems.with(3, [seal]),
      { ...BLS, parentBls: false },
    ],
    ['empty parent seals in block 1', blsItems.with(3, []), { ...BLS, number: 1 }],
    ['empty aggregated parent seals in block 1', blsItems.with(3, [none, none]), { ...BLS, number: 1 }],
  ])('takes %s', (_, items, context) => {
    expect(failureOf(extraOf(items), context)).toBeUndefined();
  });

  it('counts a missing item as empty', () => {
    const extra = decodeIbftExtra(extraOf(ecdsaItems.slice(0, 3)), ECDSA);
    expect(toHex(extra.parentSeals)).toBe('0xc0');
    expect(extra).not.toHaveProperty('round');
  });

  it.each<[string, Uint8Array, IbftExtraContext]>([
    ['31 bytes', vanity.subarray(1), ECDSA],
    ['the vanity alone', vanity, ECDSA],
    ['two items', extraOf(ecdsaItems.slice(0, 2)), ECDSA],
    ['six items', extraOf([...ecdsaItems, none]), ECDSA],
    ['bytes behind the list', concatBytes([extraOf(ecdsaItems), none, Uint8Array.of(0)]), ECDSA],
    ['an address of 19 bytes', replaced(ecdsaItems, 0, [address.subarray(1)]), ECDSA],
    ['validators of the other kind', extraOf(blsItems), ECDSA],
    ['validators of the other kind', extraOf(ecdsaItems), BLS],
    ['a BLS validator of three items', replaced(blsItems, 0, [[address, blsKey, none]]), BLS],
    ['a proposer seal that is a list', replaced(ecdsaItems, 1, []), ECDSA],
    ['committed seals that are a string', replaced(ecdsaItems, 2, seal), ECDSA],
    ['a committed seal that is a list', replaced(ecdsaItems, 2, [[]]), ECDSA],
    ['an empty aggregate for committed ECDSA seals', replaced(ecdsaItems, 2, [none, none]), ECDSA],
    ['an empty aggregate for parent ECDSA seals', replaced(ecdsaItems, 3, [none, none]), ECDSA],
    ['an aggregate of one item', replaced(blsItems, 2, [Uint8Array.of(1)]), BLS],
    ['an aggregate of three items', replaced(blsItems, 2, [Uint8Array.of(1), seal, none]), BLS],
    ['a bitmap with leading zeros', replaced(blsItems, 3, [Uint8Array.of(0, 1), seal]), BLS],
    ['a signature of nobody', replaced(blsItems, 3, [none, seal]), BLS],
    ['parent seals without bitmap', replaced(blsItems, 3, []), BLS],
    ['no parent seals', extraOf(blsItems.slice(0, 3)), BLS],
    ['parent seals in block 1', extraOf(ecdsaItems), { ...ECDSA, number: 1 }],
    ['a round of 7 bytes', replaced(ecdsaItems, 4, round.subarray(1)), ECDSA],
    ['a round of 9 bytes', replaced(ecdsaItems, 4, concatBytes([none, Uint8Array.of(1), round])), ECDSA],
    ['a round that is a list', replaced(ecdsaItems, 4, []), ECDSA],
  ])('refuses %s', (_, extra, context) => {
    expect(failureOf(extra, context)).toMatchObject({ code: 'BLOCKCHAIN.BAD_EXTRA', number: context.number });
  });

  it('takes any bytes, fails only with its code, and writes what it took', () => {
    const damaged = fc
      .tuple(
        fc.constantFrom(extraOf(ecdsaItems), extraOf(blsItems)),
        fc.nat(600),
        fc.integer({ min: 0, max: 255 }),
      )
      .map(([extra, index, byte]) => extra.with(index % extra.length, byte));
    fc.assert(
      fc.property(
        fc.oneof(damaged, fc.uint8Array({ maxLength: 100 })),
        fc.constantFrom(ECDSA, BLS),
        (extra, context) => {
          const failure = failureOf(extra, context);
          if (failure === undefined) {
            // The writer always makes five items, as the Go client does since it knows rounds.
            const isWhole = (RLP.decode(extra.subarray(32)) as NestedUint8Array).length === 5;
            const decoded = decodeIbftExtra(extra, context);
            const written = encodeIbftExtra(decoded);
            expect(decodeIbftExtra(written, context)).toEqual(decoded);
            if (isWhole) expect(toHex(written)).toBe(toHex(extra));
          } else {
            expect(failure.code).toBe('BLOCKCHAIN.BAD_EXTRA');
          }
        },
      ),
      { numRuns: 500 },
    );
  });
});

describe('initialIbftExtra', () => {
  it.each([
    ['ibft-ecdsa', 'ecdsa'],
    ['ibft-poa-rounds', 'ecdsa'],
    ['ibft-bls', 'bls'],
    ['ibft-pos', 'bls'],
  ] as const)('writes the extra of the recorded genesis of %s', (network, type) => {
    const { extraData } = decodeBlock(readBackup(network).blocks[0] ?? none).header;
    const bls = type === 'bls';
    const { validators } = decodeIbftExtra(extraData, { number: 0, bls, parentBls: bls });
    expect(toHex(initialIbftExtra(validators, type))).toBe(toHex(extraData));
  });

  it('takes the parent seals of a block to be signed', () => {
    const parentSeals = RLP.encode([seal]);
    const extra = initialIbftExtra([{ address }], 'ecdsa', parentSeals);
    expect(decodeIbftExtra(extra, ECDSA).parentSeals).toEqual(parentSeals);
  });
});

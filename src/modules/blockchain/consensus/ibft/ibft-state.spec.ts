import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { toHex } from '../../../../common/bytes.js';
import { RlpError } from '../../rlp/rlp.js';
import { changedState, decodeIbftState, IbftState, type IbftStateFields } from './ibft-state.js';

const address = fc.uint8Array({ minLength: 20, maxLength: 20 });
const validator = fc.oneof(
  fc.record({ address }),
  fc.record({ address, blsPublicKey: fc.uint8Array({ minLength: 48, maxLength: 48 }) }),
);
const fields: fc.Arbitrary<IbftStateFields> = fc.record({
  set: fc.array(validator, { maxLength: 6 }),
  sealers: fc.array(validator, { maxLength: 6 }),
  votes: fc.array(fc.record({ voter: address, candidate: validator, authorize: fc.boolean() }), {
    maxLength: 5,
  }),
  idle: fc.array(fc.record({ number: fc.nat(), voter: address, candidate: validator }), { maxLength: 5 }),
  trustedSets: fc.nat(),
});

const fieldsOf = ({ set, sealers, votes, idle, trustedSets }: IbftStateFields) => ({
  set,
  sealers,
  votes,
  idle,
  trustedSets,
});

const noVotes = { votes: [], idle: [], trustedSets: 0 };
const [first, second] = [1, 2].map((id) => ({ address: new Uint8Array(20).fill(id) }));

describe('a state of IBFT', () => {
  it('is read as it was written', () => {
    fc.assert(
      fc.property(fields, (given) => {
        const state = new IbftState(given);
        const read = decodeIbftState(state.encoded);
        expect(fieldsOf(read)).toEqual(given);
        expect(Buffer.compare(read.encoded, state.encoded)).toBe(0);
        expect([read.setKey, read.sealersKey]).toEqual([state.setKey, state.sealersKey]);
      }),
    );
  });

  it('is refused with an RlpError when its bytes are others', () => {
    fc.assert(
      fc.property(fields, fc.nat(), fc.nat(255), (given, index, byte) => {
        const { encoded } = new IbftState(given);
        const bytes = encoded.with(index % encoded.length, byte);
        try {
          decodeIbftState(bytes);
        } catch (error) {
          expect(error).toBeInstanceOf(RlpError);
        }
        expect(() => decodeIbftState(encoded.subarray(0, index % encoded.length))).toThrow(RlpError);
      }),
    );
  });

  it('keeps the newest 64 votes without effect', () => {
    if (first === undefined) throw new Error('no validator');
    const idle = Array.from({ length: 70 }, (_, number) => ({
      number,
      voter: first.address,
      candidate: first,
    }));
    const state = new IbftState({ ...noVotes, set: [first], sealers: [first], idle });
    expect(state.idle.map(({ number }) => number)).toEqual(idle.slice(6).map(({ number }) => number));
    expect(decodeIbftState(state.encoded).idle).toHaveLength(64);
  });

  it('says where an address stands in each of its sets', () => {
    if (first === undefined || second === undefined) throw new Error('no validators');
    const state = new IbftState({ ...noVotes, set: [second, first], sealers: [first] });
    const at = (id: { address: Uint8Array }) => [
      state.indexOf(toHex(id.address)),
      state.sealerIndexOf(toHex(id.address)),
    ];
    expect([at(first), at(second)]).toEqual([
      [1, 0],
      [0, undefined],
    ]);
  });

  it('is the one before where nothing differs', () => {
    if (first === undefined || second === undefined) throw new Error('no validators');
    const before = new IbftState({ ...noVotes, set: [first], sealers: [first] });
    expect(changedState(before, { ...noVotes, set: [{ ...first }], sealers: [first] })).toBe(before);
    expect(changedState(before, { ...noVotes, set: [second], sealers: [first] })).not.toBe(before);
  });
});

import { beforeAll, describe, expect, it } from '@jest/globals';
import {
  validatorsHash as hashOfBuilder,
  type PolybftKey,
  polybftKeys,
} from '../../../../../test/support/chain-builder/index.js';
import { readBackup } from '../../../../../test/support/fixtures.js';
import { itemAt } from '../../../../../test/support/verified-chain.js';
import { toHex } from '../../../../common/bytes.js';
import { decodeBlock } from '../../codec/block.codec.js';
import { prepareBn254 } from '../../crypto/bn254.js';
import { checkpointHash } from './checkpoint-hash.js';
import { checkpointOf, decodePolybftExtra, deltaOf, type PolybftValidator } from './extra.js';
import { decodePolybftState, PolybftState } from './polybft-state.js';
import {
  applyDelta,
  isEmptyDelta,
  positionsIn,
  quorumPower,
  validatorsHash,
  wordOf,
} from './validator-set.js';

const none = new Uint8Array();
const member = (id: number, votingPower = 1n): PolybftValidator => ({
  address: new Uint8Array(20).fill(id),
  blsKey: new Uint8Array(128).fill(id),
  votingPower,
  isActive: true,
});
const ids = (set: readonly PolybftValidator[] | undefined) => set?.map(({ address: [id] }) => id);
const set = [1, 2, 3, 4].map((id) => member(id));
const bits = (...positions: number[]) =>
  positions.reduce(
    (bytes, at) => bytes.with(at >> 3, (bytes[at >> 3] ?? 0) | (1 << (at & 7))),
    new Uint8Array(2),
  );

describe(positionsIn.name, () => {
  it('counts from the lowest bit of the first byte', () => {
    expect(positionsIn(Uint8Array.of(0b0000_0101, 0b1000_0000))).toEqual([0, 2, 15]);
    expect(positionsIn(none)).toEqual([]);
  });
});

describe(applyDelta.name, () => {
  const delta = { added: [], updated: [], removed: none };

  it.each([
    { name: 'adds at the end', change: { added: [member(9), member(8)] }, after: [1, 2, 3, 4, 9, 8] },
    { name: 'removes by position', change: { removed: bits(0, 2) }, after: [2, 4] },
    { name: 'removes before it adds', change: { added: [member(9)], removed: bits(3) }, after: [1, 2, 3, 9] },
    { name: 'removes nobody beyond the set', change: { removed: bits(4, 12) }, after: [1, 2, 3, 4] },
    {
      name: 'updates who was added',
      change: { added: [member(9)], updated: [member(9, 5n)] },
      after: [1, 2, 3, 4, 9],
    },
    { name: 'does not add who is in', change: { added: [member(2)] }, after: undefined },
    { name: 'does not add twice', change: { added: [member(9), member(9)] }, after: undefined },
    {
      name: 'does not remove who is added',
      change: { added: [member(1)], removed: bits(0) },
      after: undefined,
    },
    { name: 'does not update a stranger', change: { updated: [member(9)] }, after: undefined },
    {
      name: 'does not update who is removed',
      change: { updated: [member(1)], removed: bits(0) },
      after: undefined,
    },
  ])('$name', ({ change, after }) => {
    expect(ids(applyDelta(set, { ...delta, ...change }))).toEqual(after);
    expect(isEmptyDelta({ ...delta, ...change })).toBe(false);
  });

  it('updates in place', () => {
    expect(applyDelta(set, { ...delta, updated: [member(2, 7n)] })).toEqual([
      member(1),
      member(2, 7n),
      member(3),
      member(4),
    ]);
  });

  it.each([none, Uint8Array.of(0), Uint8Array.of(0, 0)])(
    'leaves the same set when it names nobody',
    (removed) => {
      expect(applyDelta(set, { ...delta, removed })).toBe(set);
      expect(isEmptyDelta({ ...delta, removed })).toBe(true);
    },
  );
});

describe(quorumPower.name, () => {
  it.each([
    { powers: [1n], before: 1n, after: 1n },
    { powers: [1n, 1n], before: 2n, after: 2n },
    { powers: [1n, 1n, 1n], before: 2n, after: 3n },
    { powers: [1n, 1n, 1n, 1n], before: 3n, after: 3n },
    { powers: [1n, 1n, 1n, 1n, 1n], before: 4n, after: 4n },
    { powers: [1n, 1n, 1n, 1n, 1n, 1n], before: 4n, after: 5n },
    { powers: [10n ** 24n, 5n], before: 666666666666666666666670n, after: 666666666666666666666671n },
    { powers: [], before: 0n, after: 1n },
  ])('of $powers is $before, and $after since quorumcalcalignment', ({ powers, before, after }) => {
    const members = powers.map((power, id) => member(id, power));
    expect([quorumPower(members, false), quorumPower(members, true)]).toEqual([before, after]);
  });
});

describe('the recorded chain', () => {
  const headers = readBackup('polybft').blocks.map((raw) => decodeBlock(raw).header);
  const extras = headers.map(({ extraData, number }) => decodePolybftExtra(extraData, number));

  it('has sets with the hashes of its checkpoints', () => {
    const genesis = deltaOf(itemAt(extras, 0));
    let current: readonly PolybftValidator[] | undefined = genesis?.added;
    for (const extra of extras.slice(1)) {
      const delta = deltaOf(extra);
      const next = current && delta ? applyDelta(current, delta) : current;
      if (current === undefined || next === undefined) throw new Error('a change that does not fit');
      expect(checkpointOf(extra)).toMatchObject({
        currentValidatorsHash: validatorsHash(current),
        nextValidatorsHash: validatorsHash(next),
      });
      current = next;
    }
    expect(current).toHaveLength(4);
  });

  it('has another checkpoint hash with each of the eight words', () => {
    const checkpoint = checkpointOf(itemAt(extras, 10));
    if (checkpoint === undefined) throw new Error('no checkpoint');
    const block = { chainId: 4_103, number: 10, hash: new Uint8Array(32).fill(1) };
    const hash = new Uint8Array(32).fill(2);
    const hashes = [
      checkpointHash(checkpoint, block),
      checkpointHash(checkpoint, { ...block, chainId: 1 }),
      checkpointHash(checkpoint, { ...block, number: 11 }),
      checkpointHash(checkpoint, { ...block, hash }),
      checkpointHash({ ...checkpoint, blockRound: 1n }, block),
      checkpointHash({ ...checkpoint, epochNumber: 9n }, block),
      checkpointHash({ ...checkpoint, eventRoot: hash }, block),
      checkpointHash({ ...checkpoint, currentValidatorsHash: hash }, block),
      checkpointHash({ ...checkpoint, nextValidatorsHash: hash }, block),
    ].map(toHex);
    expect(new Set(hashes).size).toBe(9);
  });
});

describe('a set with keys', () => {
  let keys: PolybftKey[];

  beforeAll(async () => {
    await prepareBn254();
    keys = polybftKeys([1n, 2n ** 70n, 3n]);
  });

  it('has the hash that another implementation gives', () => {
    const accounts = keys.map((key) => ({ ...key, isActive: true }));
    expect(validatorsHash(accounts)).toEqual(hashOfBuilder(keys));
    expect(toHex(wordOf(258n))).toBe(`0x${'0'.repeat(61)}102`);
  });

  it('is written and read, and is the same state while nothing changes', () => {
    const accounts = keys.map(({ address, blsKey, votingPower }) => ({
      address,
      blsKey,
      votingPower,
      isActive: true,
    }));
    const state = new PolybftState(accounts, accounts);
    expect(state.followedBy(accounts)).toBe(state);
    const changed = state.followedBy(accounts.slice(1));
    expect([changed.set.length, changed.sealers.length]).toEqual([2, 3]);
    const read = decodePolybftState(changed.encoded);
    expect([read.set, read.sealers]).toEqual([changed.set, changed.sealers]);
    const settled = read.followedBy(read.set);
    expect(settled.followedBy(settled.set)).toBe(settled);
    const again = decodePolybftState(settled.encoded);
    expect(again.followedBy(again.set)).toBe(again);
  });
});

import { describe, expect, it } from '@jest/globals';
import { ibftChain } from '../../../../test/support/chain-builder/index.js';
import { toHex } from '../../../common/bytes.js';
import { decodeIbftExtra } from '../consensus/ibft/extra.js';
import { buildBlock, nextBlockTimeMs, proposerOf } from './build-block.js';

const NOW_MS = 1_700_000_000_400;

describe(nextBlockTimeMs.name, () => {
  it.each([
    { name: 'a block time after the parent', parent: 100n, nowMs: 100_100, expected: 102_000 },
    { name: 'now, when that is exactly then', parent: 100n, nowMs: 102_000, expected: 102_000 },
    { name: 'the next multiple when late', parent: 100n, nowMs: 102_001, expected: 104_000 },
    { name: 'a multiple even where the parent is none', parent: 101n, nowMs: 104_999, expected: 106_000 },
    {
      name: 'the multiple after this one when late on a multiple',
      parent: 100n,
      nowMs: 200_000,
      expected: 202_000,
    },
    { name: 'after a parent from the future', parent: 500n, nowMs: 1_000, expected: 502_000 },
    { name: 'soon after genesis at 0', parent: 0n, nowMs: NOW_MS, expected: 1_700_000_002_000 },
  ])('is $name', ({ parent, nowMs, expected }) => {
    expect(nextBlockTimeMs({ timestamp: parent }, nowMs, 2_000)).toBe(expected);
  });

  // What Go 1.26 gives for time.UnixMilli(1700000000400).Add(d / 2).Round(d).
  it.each([
    [1_500, 1_700_000_001_000],
    [2_000, 1_700_000_002_000],
    [7_000, 1_700_000_004_000],
    [11_000, 1_700_000_003_000],
  ])('rounds up to multiples of %d ms as Go does', (blockTimeMs, expected) => {
    expect(nextBlockTimeMs({ timestamp: 0n }, NOW_MS, blockTimeMs)).toBe(expected);
  });

  it('gives rising timestamps for block times that are no whole seconds', () => {
    let timestamp = 0n;
    for (let nowMs = NOW_MS; nowMs < NOW_MS + 30_000; nowMs += 1_501) {
      const next = BigInt(Math.floor(nextBlockTimeMs({ timestamp }, nowMs, 1_500) / 1_000));
      expect(next).toBeGreaterThan(timestamp);
      timestamp = next;
    }
  });
});

describe(buildBlock.name, () => {
  it.each(['ecdsa', 'bls'] as const)('builds what the chain builder of the tests builds, %s', (type) => {
    const chain = ibftChain({ type, validators: 4, blockTimeMs: 2_000 });
    const bls = type === 'bls';
    const candidate = chain.newKey();
    for (const round of [0, 0, 1, 0]) {
      const { header, hash } = chain.head;
      const { number } = header;
      const extra = decodeIbftExtra(header.extraData, { number, bls, parentBls: bls });
      const parent = { header, hash, extra };
      expect(proposerOf(parent)).toEqual(chain.proposerAt(number)?.address);
      const set = chain.set.map(({ address, blsPublicKey }) => ({
        address,
        ...(bls && blsPublicKey && { blsPublicKey }),
      }));
      const vote = number === 2 ? { candidate, authorize: true } : undefined;
      const expected = chain.seal({ timestamp: header.timestamp + 2n, round, ...(vote && { vote }) });
      const proposer = chain.proposerAt(number + 1);
      if (proposer === undefined) throw new Error('nobody proposed');
      const from = chain.setAt(number + 1).indexOf(proposer);
      const signers = [...chain.setAt(number + 1).slice(from), ...chain.setAt(number + 1).slice(0, from)];
      const raw = buildBlock({
        parent,
        timeMs: Number(header.timestamp + 2n) * 1_000 + 999,
        set,
        kinds: { bls, parentBls: bls },
        turn: { proposer, round, signers },
        vote: vote && { authorize: true, candidate: bls ? candidate : { address: candidate.address } },
      });
      expect(toHex(raw)).toBe(toHex(expected.raw));
    }
  });
});

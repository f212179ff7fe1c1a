import { describe, expect, it } from '@jest/globals';
import { toHex } from '../../../common/bytes.js';
import { decodeBlock } from '../codec/block.codec.js';
import { createConsensus } from '../consensus/create-consensus.js';
import { decodeIbftExtra, type IbftExtra, initialIbftExtra } from '../consensus/ibft/extra.js';
import { recoverCommittedSigners, recoverProposer } from '../consensus/ibft/seals.js';
import { verifyStructure } from '../consensus/verify-structure.js';
import { addressOf } from '../crypto/address.js';
import { publicKeyOf } from '../crypto/secp256k1.js';
import { genesisHeader } from '../genesis/genesis-header.js';
import { ibftGenesisFile } from '../genesis/ibft-genesis-file.js';
import { parseGenesis } from '../genesis/parse-genesis.js';
import type { Header } from '../ports/types.js';
import { buildBlock, nextBlockTimeMs, soleValidator } from './build-block.js';

const validatorKey = new Uint8Array(32).fill(7);
const address = addressOf(publicKeyOf(validatorKey, false));
const other = new Uint8Array(20).fill(9);
const NOW_MS = 1_700_000_000_400;

function aChain() {
  const file = ibftGenesisFile({
    name: 'test',
    chainId: 7_331,
    validators: [{ address }],
    bootnodes: [],
    blockTimeMs: 2_000,
    epochSize: 3,
    gasLimit: 5_242_880n,
    premine: [{ address, balance: 1_000n }],
  });
  const config = parseGenesis(JSON.stringify(file));
  const genesis = genesisHeader(config)?.header;
  if (genesis === undefined) throw new Error('no genesis');
  return { consensus: createConsensus(config), genesis };
}

const extraOf = ({ number, extraData }: Header): IbftExtra =>
  decodeIbftExtra(extraData, { number, bls: false, parentBls: false });

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
  it('makes blocks that pass verification, across an epoch, sealed by their one validator', () => {
    const { consensus, genesis } = aChain();
    let parent = genesis;
    for (let number = 1; number <= 5; number++) {
      const parentHash = consensus.headerHash(parent);
      const timeMs = nextBlockTimeMs(parent, NOW_MS, 2_000);
      const block = decodeBlock(buildBlock({ parent, parentHash, timeMs, validatorKey }));
      const { header } = block;
      const hash = consensus.headerHash(header);
      verifyStructure(block, parent, parentHash, { hashWithType: true });
      consensus.verifyHeader(header, hash, parent);
      expect(header).toMatchObject({
        number,
        timestamp: BigInt(1_700_000_000 + 2 * number),
        gasLimit: 5_242_880n,
        gasUsed: 0n,
        baseFee: 0n,
        stateRoot: genesis.stateRoot,
        miner: new Uint8Array(20),
        nonce: new Uint8Array(8),
      });
      const extra = extraOf(header);
      expect(extra.round).toBe(0n);
      expect(extra.vanity).toEqual(new Uint8Array(32));
      expect(extra.validators).toEqual([{ address }]);
      expect(recoverProposer(extra, hash)).toEqual(address);
      expect(recoverCommittedSigners(extra, hash)).toEqual([address]);
      expect(toHex(extra.parentSeals)).toBe(number === 1 ? '0xc0' : toHex(extraOf(parent).committedSeals));
      parent = header;
    }
  });

  it('fails on a parent whose extra data is junk', () => {
    const parent = { ...aChain().genesis, number: 4, extraData: new Uint8Array(31) };
    const plan = { parent, parentHash: new Uint8Array(32), timeMs: NOW_MS, validatorKey };
    expect(() => buildBlock(plan)).toThrow(expect.objectContaining({ code: 'BLOCKCHAIN.BAD_EXTRA' }));
  });
});

describe(soleValidator.name, () => {
  const header = (number: number, validators: Uint8Array[], miner = new Uint8Array(20)) => ({
    number,
    miner,
    extraData: initialIbftExtra(
      validators.map((validator) => ({ address: validator })),
      'ecdsa',
    ),
  });

  it.each([
    { name: 'the only one', parent: header(5, [address]), expected: address },
    {
      name: 'the only one of genesis, whatever its coinbase',
      parent: header(0, [address], other),
      expected: address,
    },
    { name: 'nobody when there are two', parent: header(5, [address, other]), expected: undefined },
    { name: 'nobody when there is none', parent: header(5, []), expected: undefined },
    { name: 'nobody after a vote', parent: header(5, [address], other), expected: undefined },
  ])('is $name', ({ parent, expected }) => {
    expect(soleValidator(parent)).toEqual(expected);
  });
});

import { beforeAll, describe, expect, it } from '@jest/globals';
import { bytesEqual, toHex } from '../../../src/common/bytes.js';
import { decodeBlock } from '../../../src/modules/blockchain/codec/block.codec.js';
import { decodePolybftExtra } from '../../../src/modules/blockchain/consensus/polybft/extra.js';
import { polybftHeaderHash } from '../../../src/modules/blockchain/consensus/polybft/header-hash.js';
import { verifyStructure } from '../../../src/modules/blockchain/consensus/verify-structure.js';
import {
  bn254Aggregate,
  bn254VerifyAggregate,
  CHECKPOINT_DOMAIN,
  prepareBn254,
} from '../../../src/modules/blockchain/crypto/bn254.js';
import { RlpReader } from '../../../src/modules/blockchain/rlp/rlp.js';
import { readBackup } from '../fixtures.js';
import { type PolybftChain, polybftChain } from './polybft-chain.js';
import {
  type Checkpoint,
  checkpointHash,
  encodeCheckpoint,
  encodeDelta,
  type PolybftMember,
  validatorsHash,
} from './polybft-extra.js';
import { polybftKeys, signTogether } from './polybft-keys.js';
import { transfers } from './transactions.js';

beforeAll(prepareBn254);

function read(raw: Uint8Array) {
  const block = decodeBlock(raw);
  const extra = decodePolybftExtra(block.header.extraData, block.header.number);
  return { block, header: block.header, extra, hash: polybftHeaderHash(block.header) };
}

function readCheckpoint(item: Uint8Array): Checkpoint {
  const fields = new RlpReader(item).readList();
  return {
    blockRound: fields.readUint64(),
    epochNumber: fields.readUint64(),
    currentValidatorsHash: fields.readFixed(32),
    nextValidatorsHash: fields.readFixed(32),
    eventRoot: fields.readFixed(32),
  };
}

function readMembers(items: RlpReader): PolybftMember[] {
  const members: PolybftMember[] = [];
  while (!items.isAtEnd) {
    const fields = items.readList();
    members.push({
      address: fields.readFixed(20),
      blsKey: fields.readFixed(128),
      votingPower: fields.readUint(32),
    });
  }
  return members;
}

function readSignature(item: Uint8Array): readonly [signature: Uint8Array, bitmap: Uint8Array] {
  const fields = new RlpReader(item).readList();
  return [fields.readBytes(), fields.readBytes()];
}

/** A set change as a recorded block holds it. */
function readDelta(item: Uint8Array) {
  if (item.length === 1) return undefined;
  const fields = new RlpReader(item).readList();
  const [added, updated] = [readMembers(fields.readList()), readMembers(fields.readList())];
  const bitmap = fields.readBytes();
  const removed = [...bitmap].flatMap((byte, at) =>
    [0, 1, 2, 3, 4, 5, 6, 7].filter((bit) => byte & (1 << bit)).map((bit) => at * 8 + bit),
  );
  return { added, updated, removed };
}

function expectLinked(chain: PolybftChain): void {
  for (let number = 1; number <= chain.height; number++) {
    const parent = read(chain.blockAt(number - 1));
    const { block, hash, extra } = read(chain.blockAt(number));
    verifyStructure(block, parent.header, parent.hash, { hashWithType: true });
    expect(toHex(hash)).toBe(toHex(chain.hashAt(number)));
    expect(readCheckpoint(extra.checkpoint).currentValidatorsHash).toEqual(
      validatorsHash(chain.setAt(number)),
    );
    if (number > 1) expect(extra.parent).toEqual(parent.extra.committed);
  }
}

it('writes the deltas, checkpoints and set hashes that a recorded network wrote', () => {
  let set: PolybftMember[] = [];
  for (const raw of readBackup('polybft').blocks) {
    const { header, extra } = read(raw);
    const checkpoint = readCheckpoint(extra.checkpoint);
    expect(encodeCheckpoint(checkpoint)).toEqual(extra.checkpoint);
    if (header.number > 0) expect(checkpoint.currentValidatorsHash).toEqual(validatorsHash(set));
    const delta = readDelta(extra.validators);
    if (delta !== undefined) {
      expect(encodeDelta(delta)).toEqual(extra.validators);
      const { added, updated, removed } = delta;
      const kept = set.filter((_, position) => !removed.includes(position));
      set = [...kept, ...added].map(
        (member) => updated.find(({ address }) => bytesEqual(address, member.address)) ?? member,
      );
    }
    if (header.number > 0) expect(checkpoint.nextValidatorsHash).toEqual(validatorsHash(set));
  }
});

it('takes for signed what a recorded network signed', () => {
  const blocks = readBackup('polybft').blocks.slice(0, 8).map(read);
  const { added: set = [] } = readDelta(blocks[0]?.extra.validators ?? new Uint8Array(1)) ?? {};
  for (const { header, extra, hash } of blocks.slice(1)) {
    const [signature, bitmap] = readSignature(extra.committed);
    const signers = set.filter((_, position) => ((bitmap[position >> 3] ?? 0) >> (position & 7)) & 1);
    const publicKeys = signers.map(({ blsKey }) => blsKey);
    const message = checkpointHash(4_103, header.number, hash, readCheckpoint(extra.checkpoint));
    expect(bn254VerifyAggregate({ publicKeys, message, signature }, CHECKPOINT_DOMAIN)).toBe(true);
  }
});

describe('a PolyBFT chain', () => {
  it('is linked through epochs with changes of the set', async () => {
    const chain = (await polybftChain({ epochSize: 5, validators: [1n, 2n, 3n, 4n] })).grow(4);
    const [first, second] = chain.set;
    if (first === undefined || second === undefined) throw new Error('no keys');
    const newcomer = chain.newKey(0, 9n);
    chain.seal({ delta: { added: [newcomer], updated: [{ ...second, votingPower: 7n }], removed: [0] } });
    chain.grow(6);
    expect(chain.set.map(({ votingPower }) => votingPower)).toEqual([7n, 3n, 4n, 9n]);
    expect(readDelta(read(chain.blockAt(10)).extra.validators)).toEqual({
      added: [],
      updated: [],
      removed: [],
    });
    expect(readDelta(read(chain.blockAt(9)).extra.validators)).toBeUndefined();
    expect(readCheckpoint(read(chain.blockAt(11)).extra.checkpoint).epochNumber).toBe(3n);
    expectLinked(chain);
  });

  it('moves its base fee with the gas used', async () => {
    const chain = await polybftChain({ gasLimit: 1_000_000n, baseFeeEM: 2n });
    const fees = [0n, 500_000n, 1_000_000n, 500_001n, 0n].map((gasUsed) => {
      chain.seal({ gasUsed, transactions: gasUsed === 0n ? [] : transfers(1, { gas: 1_000_000n }) });
      return chain.nextBaseFee();
    });
    // Genesis used 458752 of its target of 500000: 989688000.
    expect(chain.nextBaseFee()).toBe(fees.at(-1));
    expect(decodeBlock(chain.blockAt(1)).header.baseFee).toBe(989_688_000n);
    expect(fees).toEqual([865_977_000n, 865_977_000n, 974_224_125n, 974_224_368n, 852_446_322n]);
    expectLinked(chain);
  });

  it('signs so that its own members are taken for the signers', async () => {
    const chain = (await polybftChain()).grow(2);
    const { extra, header, hash } = read(chain.blockAt(2));
    const message = checkpointHash(7_333, 2, hash, readCheckpoint(extra.checkpoint));
    const [signature, bitmap] = readSignature(extra.committed);
    const publicKeys = chain.setAt(2).map(({ blsKey }) => blsKey);
    expect(header.miner).toEqual(chain.setAt(2)[2]?.address);
    expect([...bitmap]).toEqual([0b11111]);
    expect(bn254VerifyAggregate({ publicKeys, message, signature }, CHECKPOINT_DOMAIN)).toBe(true);
  });

  it('goes on from a fork', async () => {
    const chain = (await polybftChain()).grow(12);
    const other = chain.fork(9);
    other.seal({ delta: { removed: [4] } });
    other.grow(3);
    expect(other.set).toHaveLength(4);
    expect(other.hashAt(9)).toEqual(chain.hashAt(9));
    expectLinked(other);
  });

  it('signs by the sum of secrets as by each', () => {
    const keys = polybftKeys([1n, 1n, 1n]);
    const message = checkpointHash(1, 2, new Uint8Array(32), {
      blockRound: 0n,
      epochNumber: 1n,
      currentValidatorsHash: new Uint8Array(32),
      nextValidatorsHash: new Uint8Array(32),
      eventRoot: new Uint8Array(32),
    });
    const each = keys.map((key) => signTogether([key], message));
    expect(bn254Aggregate(each)).toEqual(signTogether(keys, message));
  });
});

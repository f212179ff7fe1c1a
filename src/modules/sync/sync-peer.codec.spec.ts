import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { fromHex } from '../../common/bytes.js';
import { BlockSchema, GetBlocksRequestSchema, SyncPeerStatusSchema } from '../../gen/v1/syncer_pb.js';
import {
  decodeBlock,
  decodeStatus,
  encodeBlock,
  encodeEmpty,
  encodeGetBlocks,
  encodeStatus,
} from './sync-peer.codec.js';

const bytes = (hex: string) => fromHex(hex) ?? new Uint8Array();
const generated = (block: Uint8Array) => toBinary(BlockSchema, create(BlockSchema, { block }));

describe('block codec', () => {
  it('equals the generated one on any block', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40_000 }), (block) => {
        expect(Buffer.compare(encodeBlock({ block }), generated(block))).toBe(0);
        expect(Buffer.compare(decodeBlock(generated(block)), block)).toBe(0);
      }),
    );
  });

  it.each([0, 1, 127, 128, 16_383, 16_384, 2_097_151, 2_097_152, 4_194_304])(
    'agrees with the generated one on %d bytes',
    (length) => {
      const block = new Uint8Array(length).fill(7);
      expect(Buffer.compare(encodeBlock({ block }), generated(block))).toBe(0);
      expect(Buffer.compare(decodeBlock(generated(block)), block)).toBe(0);
    },
  );

  it('gives a part of the message, not a copy', () => {
    const message = generated(Uint8Array.of(1, 2, 3));
    expect(decodeBlock(message).buffer).toBe(message.buffer);
  });

  it('decodes whatever the generated one decodes, and throws where it throws', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), fc.boolean(), (noise, asBlock) => {
        const message = asBlock ? Uint8Array.of(0x0a, ...noise) : noise;
        const outcome = (decode: () => Uint8Array) => {
          try {
            return [...decode()];
          } catch {
            return 'throws';
          }
        };
        expect(outcome(() => decodeBlock(message))).toEqual(
          outcome(() => fromBinary(BlockSchema, message).block),
        );
      }),
      { numRuns: 2_000 },
    );
  });

  it.each([
    { name: 'nothing', hex: '', block: '' },
    { name: 'an unknown field after it', hex: '0a0201021801', block: '0102' },
    { name: 'an unknown field before it', hex: '12010a0a020102', block: '0102' },
    { name: 'the field twice: the last counts', hex: '0a0101 0a0102'.replace(' ', ''), block: '02' },
    { name: 'a length in more bytes than needed', hex: '0a82800001 02'.replace(' ', ''), block: '0102' },
    { name: 'a length in five bytes', hex: '0a82808080000102', block: '0102' },
  ])('decodes $name', ({ hex, block }) => {
    expect(decodeBlock(bytes(hex))).toEqual(bytes(block));
  });

  it.each([
    { name: 'a length past the end', hex: '0a0501' },
    { name: 'a length that does not end', hex: '0affffff' },
    { name: 'a length of 4 GiB', hex: '0affffffff0f01' },
    { name: 'a tag without a value', hex: '0a' },
    { name: 'field number 0', hex: '020101' },
    { name: 'an unclosed group', hex: '1b' },
    { name: 'a deep nest of groups', hex: '1b'.repeat(100_000) },
  ])('throws on $name', ({ hex }) => {
    expect(() => decodeBlock(bytes(hex))).toThrow();
  });
});

describe('status codec', () => {
  it('equals the generated one on the whole range', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), (number) => {
        expect(encodeStatus(number)).toEqual(
          toBinary(SyncPeerStatusSchema, create(SyncPeerStatusSchema, { number })),
        );
        expect(decodeStatus(encodeStatus(number))).toBe(number);
      }),
    );
  });

  it.each([
    { name: 'zero', hex: '', number: 0n },
    { name: 'the height 300', hex: '08ac02', number: 300n },
    { name: 'the highest uint64', hex: '08ffffffffffffffffff01', number: 2n ** 64n - 1n },
  ])('decodes $name', ({ hex, number }) => {
    expect(decodeStatus(bytes(hex))).toBe(number);
  });

  it.each(['08', '0880', '08ffffffffffffffffffff01', 'ff'])('throws on %s', (hex) => {
    expect(() => decodeStatus(bytes(hex))).toThrow();
  });
});

describe('requests', () => {
  it('equals the generated one for any height', () => {
    fc.assert(
      fc.property(fc.maxSafeNat(), (from) => {
        const message = encodeGetBlocks(from);
        expect(message).toEqual(
          toBinary(GetBlocksRequestSchema, create(GetBlocksRequestSchema, { from: BigInt(from) })),
        );
      }),
    );
  });

  it('writes Empty as no bytes', () => {
    expect(encodeEmpty()).toEqual(new Uint8Array());
  });
});

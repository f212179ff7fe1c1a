import { RLP } from '@ethereumjs/rlp';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  declaredLength,
  encodeBytes,
  encodeList,
  encodeUint,
  itemLength,
  RlpError,
  type RlpFault,
  RlpReader,
  readRlp,
} from './rlp.js';

type Tree = Uint8Array | Tree[];

const { tree } = fc.letrec<{ tree: Tree }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 4 },
    fc.uint8Array({ maxLength: 70 }),
    fc.array(tie('tree'), { maxLength: 6 }) as fc.Arbitrary<Tree>,
  ),
}));

function encode(value: Tree): Uint8Array {
  return value instanceof Uint8Array ? encodeBytes(value) : encodeList(value.map(encode));
}

function decode(reader: RlpReader): Tree {
  if (!reader.nextIsList) return reader.readBytes();
  const items = reader.readList();
  const values: Tree[] = [];
  while (!items.isAtEnd) values.push(decode(items));
  return values;
}

function faultOf(act: () => unknown): RlpFault | undefined {
  try {
    act();
    return undefined;
  } catch (error) {
    if (error instanceof RlpError) return error.fault;
    throw error;
  }
}

const bytes = (hex: string) => new Uint8Array(Buffer.from(hex, 'hex'));
const hexOf = (value: Uint8Array) => Buffer.from(value).toString('hex');

describe('encoding', () => {
  it('equals that of another implementation', () => {
    fc.assert(fc.property(tree, (value) => hexOf(encode(value)) === hexOf(RLP.encode(value))));
  });

  it.each([0, 1, 55, 56, 255, 256, 65_535, 65_536, 20_000_000])('of a string of %i bytes', (length) => {
    const value = new Uint8Array(length).fill(0x81);
    expect(Buffer.compare(encodeBytes(value), RLP.encode(value))).toBe(0);
    expect(itemLength(encodeBytes(value), 0)).toBe(encodeBytes(value).length);
  });

  it('of integers equals that of another implementation', () => {
    fc.assert(
      fc.property(
        fc.bigInt({ min: 0n, max: 2n ** 256n }),
        (value) => hexOf(encodeUint(value)) === hexOf(RLP.encode(value)),
      ),
    );
    expect(hexOf(encodeUint(0))).toBe('80');
    expect(hexOf(encodeUint(0x7f))).toBe('7f');
    expect(hexOf(encodeUint(0x80))).toBe('8180');
    expect(hexOf(encodeUint(Number.MAX_SAFE_INTEGER))).toBe('871fffffffffffff');
  });
});

describe('RlpReader', () => {
  it('reads what was encoded', () => {
    fc.assert(
      fc.property(tree, (value) => {
        const reader = new RlpReader(encode(value));
        expect(hexOf(encode(decode(reader)))).toBe(hexOf(encode(value)));
        expect(reader.isAtEnd).toBe(true);
      }),
    );
  });

  it('takes any bytes, only ever fails with RlpError, and takes no second spelling of a value', () => {
    const likelyRlp = tree.chain((value) => {
      const encoded = encode(value);
      return fc.tuple(fc.nat(encoded.length), fc.integer({ min: 0, max: 255 })).map(([index, byte]) => {
        const changed = Uint8Array.from(encoded);
        changed[index] = byte;
        return changed;
      });
    });
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 80 }), likelyRlp), (input) => {
        const reader = new RlpReader(input);
        let value: Tree | undefined;
        const fault = faultOf(() => {
          value = decode(reader);
        });
        if (fault === undefined && value !== undefined) {
          expect(hexOf(encode(value))).toBe(hexOf(input.subarray(0, reader.offset)));
        }
      }),
      { numRuns: 500 },
    );
  });

  const read: Record<string, (reader: RlpReader) => unknown> = {
    bytes: (reader) => reader.readBytes(),
    list: (reader) => reader.readList(),
    raw: (reader) => reader.readRaw(),
    fixed2: (reader) => reader.readFixed(2),
    uint64: (reader) => reader.readUint64(),
    safe: (reader) => reader.readSafeUint(),
  };

  it.each<{ name: string; input: string; as: string; expect: RlpFault }>([
    { name: 'nothing', input: '', as: 'bytes', expect: 'malformed' },
    { name: 'a list where a string stands', input: '83010203', as: 'list', expect: 'malformed' },
    { name: 'a string where a list stands', input: 'c0', as: 'bytes', expect: 'malformed' },
    { name: 'a string that is cut off', input: '8301', as: 'bytes', expect: 'malformed' },
    { name: 'a list that is cut off', input: 'c301', as: 'list', expect: 'malformed' },
    { name: 'a length that is cut off', input: 'b9ff', as: 'bytes', expect: 'malformed' },
    { name: 'a length of 2^64-1', input: 'bfffffffffffffffff', as: 'bytes', expect: 'malformed' },
    { name: 'a list of length 2^64-1', input: 'ffffffffffffffffff', as: 'raw', expect: 'malformed' },
    { name: 'a long form for a short string', input: `b801ff`, as: 'bytes', expect: 'not canonical' },
    {
      name: 'a long form for 55 bytes',
      input: `b837${'ff'.repeat(55)}`,
      as: 'bytes',
      expect: 'not canonical',
    },
    {
      name: 'a length with leading zeros',
      input: `b90038${'ff'.repeat(56)}`,
      as: 'bytes',
      expect: 'not canonical',
    },
    { name: 'a long form for a short list', input: 'f80180', as: 'list', expect: 'not canonical' },
    { name: 'a small byte with a prefix', input: '8101', as: 'bytes', expect: 'not canonical' },
    { name: 'too few bytes', input: '01', as: 'fixed2', expect: 'malformed' },
    { name: 'an integer with a leading zero', input: '820001', as: 'uint64', expect: 'not canonical' },
    { name: 'zero as a byte', input: '00', as: 'uint64', expect: 'not canonical' },
    { name: 'an integer of 9 bytes', input: '89010000000000000000', as: 'uint64', expect: 'malformed' },
    { name: 'a height of 2^53', input: '8720000000000000', as: 'safe', expect: 'malformed' },
    { name: 'a height of 2^64-1', input: '88ffffffffffffffff', as: 'safe', expect: 'malformed' },
  ])('refuses $name', ({ input, as, expect: fault }) => {
    expect(faultOf(() => read[as]?.(new RlpReader(bytes(input))))).toBe(fault);
  });

  it.each([
    ['80', 0n],
    ['01', 1n],
    ['8180', 128n],
    ['861fffffffffff', 0x1fffffffffffn],
    ['87ffffffffffffff', 0xffffffffffffffn],
    ['88ffffffffffffffff', 2n ** 64n - 1n],
  ])('reads the integer %s', (input, expected) => {
    expect(new RlpReader(bytes(input)).readUint64()).toBe(expected);
  });

  it('reads as many bytes as it is told to', () => {
    expect(hexOf(new RlpReader(bytes('820102')).readFixed(2))).toBe('0102');
  });

  it('reads the largest safe integer', () => {
    expect(new RlpReader(bytes('871fffffffffffff')).readSafeUint()).toBe(Number.MAX_SAFE_INTEGER);
  });

  it('keeps an item inside its list', () => {
    const items = new RlpReader(bytes('c28301aabb')).readList();
    expect(faultOf(() => items.readBytes())).toBe('malformed');
  });

  it('gives views, raw items and its place', () => {
    const input = bytes('c483aabbcc01');
    const items = new RlpReader(input).readList();
    expect(items.offset).toBe(1);
    const raw = items.readRaw();
    expect(hexOf(raw)).toBe('83aabbcc');
    expect(raw.buffer).toBe(input.buffer);
    expect(items.offset).toBe(5);
    expect(faultOf(() => items.expectEnd('list'))).toBe(undefined);
    expect(faultOf(() => new RlpReader(bytes('c20102')).readList().expectEnd('list'))).toBe('not canonical');
  });
});

describe('readRlp', () => {
  const bug = new TypeError('a bug');
  const failing = (error: Error) => () => {
    throw error;
  };

  it('gives what was read', () => {
    expect(readRlp(() => 7, failing(bug))).toBe(7);
  });

  it('turns what is wrong with the bytes into the error of the caller', () => {
    const cause = new RlpError('malformed', 'too short');
    const failure = new Error('bad block', { cause });
    const made: RlpError[] = [];
    const read = () =>
      readRlp(failing(cause), (given) => {
        made.push(given);
        return failure;
      });
    expect(read).toThrow(failure);
    expect(made).toEqual([cause]);
  });

  it('lets a bug pass as it is', () => {
    expect(() => readRlp(failing(bug), () => new Error('bad block'))).toThrow(bug);
  });
});

describe('splitting concatenated items', () => {
  it.each([
    { name: 'the end', input: '', offset: 0, declared: undefined, whole: undefined },
    { name: 'a small byte', input: '01', offset: 0, declared: 1, whole: 1 },
    { name: 'a short list', input: 'ffc20102', offset: 1, declared: 3, whole: 3 },
    { name: 'a part of a list', input: 'c201', offset: 0, declared: 3, whole: undefined },
    { name: 'a part of a length', input: 'f9ff', offset: 0, declared: undefined, whole: undefined },
    {
      name: 'a list larger than it all',
      input: 'faffffff',
      offset: 0,
      declared: 0xffffff + 4,
      whole: undefined,
    },
  ])('$name', ({ input, offset, declared, whole }) => {
    expect(declaredLength(bytes(input), offset)).toBe(declared);
    expect(itemLength(bytes(input), offset)).toBe(whole);
  });

  it('refuses a length that is not in its shortest form', () => {
    expect(faultOf(() => itemLength(bytes('f80180'), 0))).toBe('not canonical');
  });
});

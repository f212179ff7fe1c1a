/** Every spelling of an empty `:authority` in HPACK, and what it becomes. */
const NAME = Buffer.from(':authority', 'latin1');
const HUFFMAN_NAME = Buffer.from('b83b5339ec327d7f', 'hex');
const literalName = (first: number, length: number, name: Buffer, valueLength: number) =>
  Buffer.concat([Buffer.from([first, length]), name, Buffer.from([valueLength])]);

export const EMPTY_AUTHORITIES = [
  { name: 'indexed', bytes: Buffer.from([0x81]), expected: '01012d' },
  { name: 'literal with indexing', bytes: Buffer.from([0x41, 0x00]), expected: '41012d' },
  { name: 'literal without indexing', bytes: Buffer.from([0x01, 0x00]), expected: '01012d' },
  { name: 'literal never indexed', bytes: Buffer.from([0x11, 0x00]), expected: '11012d' },
  { name: 'Huffman-coded value', bytes: Buffer.from([0x01, 0x80]), expected: '01012d' },
  {
    name: 'name spelled out',
    bytes: literalName(0x00, 10, NAME, 0),
    expected: `000a${NAME.toString('hex')}012d`,
  },
  {
    name: 'name spelled out, with indexing, Huffman-coded value',
    bytes: literalName(0x40, 10, NAME, 0x80),
    expected: `400a${NAME.toString('hex')}012d`,
  },
  {
    name: 'Huffman-coded name',
    bytes: literalName(0x10, 0x88, HUFFMAN_NAME, 0),
    expected: `1088${HUFFMAN_NAME.toString('hex')}012d`,
  },
];

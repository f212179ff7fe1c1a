/** Static table entry 1: `:authority` with an empty value (RFC 7541 appendix A). */
const INDEXED_EMPTY_AUTHORITY = 0x81;
const AUTHORITY_NAME_INDEX = 1;

const AUTHORITY_NAME = Buffer.from(':authority', 'latin1');
/** The same name in the Huffman code of RFC 7541 appendix B. */
const AUTHORITY_NAME_HUFFMAN = Buffer.from('b83b5339ec327d7f', 'hex');

/** Literal without indexing, name index 1, value `-`. */
const LITERAL_FIELD = Buffer.from([0x01, 0x01, 0x2d]);
/** The value `-` alone: length 1, not Huffman-coded. */
const LITERAL_VALUE = LITERAL_FIELD.subarray(1);

const HUFFMAN_FLAG = 0x80;
const STRING_PREFIX_BITS = 7;

/** Integers of a header block beyond 28 bits are nonsense; the HTTP/2 engine will say so. */
const MAX_INTEGER_SHIFT = 21;

/** One byte of a header block to be replaced. */
export interface AuthorityFix {
  readonly at: number;
  readonly replacement: Uint8Array;
}

/**
 * Finds the first `:authority` with an empty value in a header block and what to put instead of its one byte so
 * that the value reads `-`. Undefined when there is none, or when the block is malformed (the HTTP/2 engine judges that).
 *
 * Only field boundaries are parsed, no string is decoded. Spellings known: the indexed static entry, and a literal
 * of any representation (with, without, never indexing) whose name is static index 1 or spelled out, raw or
 * Huffman-coded, and whose value has length 0. A literal keeps its representation, so that one with incremental
 * indexing still adds its entry to the dynamic table and every later index means the same field as before. The
 * engine's entry is then one byte larger than the sender's; only a sender that fills its whole table, with this
 * spelling in it, and then refers to its very oldest entries is told COMPRESSION_ERROR. Go's encoder never spells it so.
 */
export function findEmptyAuthority(block: Uint8Array): AuthorityFix | undefined {
  const reader = new FieldReader(block);
  while (reader.at < block.length) {
    const start = reader.at;
    const first = block[start] as number;
    if (first === INDEXED_EMPTY_AUTHORITY) return { at: start, replacement: LITERAL_FIELD };
    if ((first & 0x80) !== 0) {
      if (reader.integer(7) < 0) return undefined;
    } else if ((first & 0xe0) === 0x20) {
      if (reader.integer(5) < 0) return undefined;
    } else {
      const nameIndex = reader.integer((first & 0x40) !== 0 ? 6 : 4);
      if (nameIndex < 0) return undefined;
      const isAuthority = nameIndex === 0 ? reader.skipName() : nameIndex === AUTHORITY_NAME_INDEX;
      const valueAt = reader.at;
      const valueLength = reader.skipString();
      if (isAuthority && valueLength === 0) return { at: valueAt, replacement: LITERAL_VALUE };
      if (valueLength < 0) return undefined;
    }
  }
  return undefined;
}

/** A position in a header block. Past its end every read is -1. */
class FieldReader {
  at = 0;
  readonly #block: Uint8Array;

  constructor(block: Uint8Array) {
    this.#block = block;
  }

  /** An integer with a prefix of that many bits (RFC 7541 section 5.1); -1 when cut off or absurd. */
  integer(prefixBits: number): number {
    const mask = (1 << prefixBits) - 1;
    const first = this.#block[this.at];
    if (first === undefined) return -1;
    this.at += 1;
    let value = first & mask;
    if (value < mask) return value;
    for (let shift = 0; shift <= MAX_INTEGER_SHIFT; shift += 7) {
      const next = this.#block[this.at];
      if (next === undefined) return -1;
      this.at += 1;
      value += (next & 0x7f) << shift;
      if ((next & 0x80) === 0) return value;
    }
    return -1;
  }

  /** The encoded length of the string that was passed over; -1 when it is cut off. */
  skipString(): number {
    const length = this.integer(STRING_PREFIX_BITS);
    if (length < 0 || this.at + length > this.#block.length) {
      this.at = this.#block.length;
      return -1;
    }
    this.at += length;
    return length;
  }

  /** Passes over a name; true when it is `:authority`. */
  skipName(): boolean {
    const huffman = ((this.#block[this.at] ?? 0) & HUFFMAN_FLAG) !== 0;
    const wanted = huffman ? AUTHORITY_NAME_HUFFMAN : AUTHORITY_NAME;
    const length = this.skipString();
    if (length !== wanted.length) return false;
    return wanted.equals(this.#block.subarray(this.at - length, this.at));
  }
}

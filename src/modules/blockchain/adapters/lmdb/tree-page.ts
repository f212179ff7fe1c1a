// Layout of a page and its nodes, little endian and at even offsets. @see LMDB mdb.c MDB_page_header, MDB_node
const HEADER_BYTES = 24;
const TRANSACTION_AT = 8;
const FLAGS_AT = 18;
const LOWER_AT = 20;
const UPPER_AT = 22;
const NODE_BYTES = 8;
const OVERFLOW_NODE_BYTES = 24;
const NUMBER_BYTES = 8;

const BRANCH = 0x01;
const LEAF = 0x02;
const OVERFLOW = 0x04;
const IS_OVERFLOW = 0x01;
const IS_TREE = 0x02;
/** A branch page of one child is an assertion of LMDB's that ends the process. */
const MIN_CHILDREN = 2;
const FIRST_PAGE = 2;

/** Where a value stands that has pages of its own. */
export interface OverflowPages {
  readonly first: number;
  readonly count: number;
}

/** What a page must fit in with. */
export interface PagePlace {
  readonly number: number;
  readonly isLeaf: boolean;
  /** Newest transaction; no page can be of a later one. */
  readonly transaction: bigint;
  readonly lastPage: number;
  /** LMDB's own list of free pages has numbers for keys. */
  readonly hasNumberKeys: boolean;
}

/** Why a page cannot be followed. */
export class PageFault extends Error {}

/**
 * A branch or leaf page. LMDB follows what stands in it without a look, so that every offset and size is seen to be within
 * the page first, and the keys to be in order: out of order they hide others.
 */
export class TreePage {
  readonly isLeaf: boolean;
  readonly count: number;
  private readonly hasNumberKeys: boolean;
  /** The page once more; DataView is what V8 reads numbers from fastest. */
  private readonly view: DataView;

  /** @throws {PageFault} */
  constructor(
    private readonly bytes: Buffer,
    { number, isLeaf, transaction, lastPage, hasNumberKeys }: PagePlace,
  ) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.isLeaf = isLeaf;
    this.hasNumberKeys = hasNumberKeys;
    const { view } = this;
    if (numberAt(view, 0) !== number) throw new PageFault('it says it is another');
    if (numberAt(view, TRANSACTION_AT) > transaction) throw new PageFault('it is of no transaction');
    if (this.word(FLAGS_AT) !== (isLeaf ? LEAF : BRANCH)) throw new PageFault('it is of another kind');
    const lower = this.word(LOWER_AT);
    const upper = this.word(UPPER_AT);
    if (lower % 2 !== 0 || lower > upper || HEADER_BYTES + upper > bytes.length) {
      throw new PageFault('its bounds are wrong');
    }
    this.count = lower / 2;
    if (this.count < (isLeaf ? 1 : MIN_CHILDREN)) throw new PageFault('it has too few nodes');
    for (let index = 0; index < this.count; index++) this.checkNode(index, HEADER_BYTES + upper, lastPage);
    // The first key of a branch page is not looked at: it stands for all that is lower.
    for (let index = isLeaf ? 1 : 2; index < this.count; index++) {
      if (this.compareKeys(index - 1, index) >= 0) throw new PageFault(`key ${index} is not in order`);
    }
  }

  /** Part of the page. */
  key(index: number): Buffer {
    const at = this.nodeAt(index) + NODE_BYTES;
    return this.bytes.subarray(at, at + this.keyBytes(index));
  }

  /** Below 0 when the key is lower than another one. */
  compareKey(index: number, other: Buffer): number {
    const key = this.key(index);
    if (!this.hasNumberKeys) return key.compare(other);
    return Number(key.readBigUInt64LE(0) - other.readBigUInt64LE(0));
  }

  /** Of a branch page. */
  child(index: number): number {
    const at = this.nodeAt(index);
    return this.view.getUint32(at, true) + this.word(at + 4) * 2 ** 32;
  }

  isTree(index: number): boolean {
    return this.flags(index) === IS_TREE;
  }

  valueBytes(index: number): number {
    return this.view.getUint32(this.nodeAt(index), true);
  }

  /** Part of the page; undefined when it has pages of its own. */
  value(index: number): Buffer | undefined {
    if (this.flags(index) === IS_OVERFLOW) return undefined;
    const at = this.valueAt(index);
    return this.bytes.subarray(at, at + this.valueBytes(index));
  }

  overflow(index: number): OverflowPages | undefined {
    if (this.flags(index) !== IS_OVERFLOW) return undefined;
    const at = this.valueAt(index);
    return { first: numberAt(this.view, at), count: numberAt(this.view, at + 16) };
  }

  private checkNode(index: number, upper: number, lastPage: number): void {
    const at = this.nodeAt(index);
    const { length } = this.bytes;
    if (at < upper || at % 2 !== 0 || at + NODE_BYTES > length)
      throw new PageFault(`node ${index} is outside of it`);
    const keyBytes = this.keyBytes(index);
    const dataBytes = this.isLeaf ? this.dataBytes(index) : 0;
    if (at + NODE_BYTES + keyBytes + dataBytes > length)
      throw new PageFault(`node ${index} does not end in it`);
    const child = this.isLeaf ? FIRST_PAGE : this.child(index);
    if (child < FIRST_PAGE || child > lastPage) throw new PageFault(`node ${index} leads out of the file`);
    const isFirstOfBranch = index === 0 && !this.isLeaf;
    if (this.hasNumberKeys && keyBytes !== NUMBER_BYTES && !isFirstOfBranch)
      throw new PageFault('a key is no number');
  }

  /** Byte by byte: neighbours are compared for every record of a store, and calling out of V8 for each takes longer. */
  private compareKeys(one: number, other: number): number {
    const at = this.nodeAt(one) + NODE_BYTES;
    const otherAt = this.nodeAt(other) + NODE_BYTES;
    if (this.hasNumberKeys) return numberAt(this.view, at) - numberAt(this.view, otherAt);
    const length = this.keyBytes(one);
    const otherLength = this.keyBytes(other);
    const { view } = this;
    for (let offset = 0; offset < length && offset < otherLength; offset++) {
      const difference = view.getUint8(at + offset) - view.getUint8(otherAt + offset);
      if (difference !== 0) return difference;
    }
    return length - otherLength;
  }

  private dataBytes(index: number): number {
    const flags = this.flags(index);
    if (flags === IS_OVERFLOW) return OVERFLOW_NODE_BYTES;
    if (flags === 0 || flags === IS_TREE) return this.valueBytes(index);
    throw new PageFault(`node ${index} is of no known kind`);
  }

  private nodeAt(index: number): number {
    return HEADER_BYTES + this.word(HEADER_BYTES + 2 * index);
  }

  private keyBytes(index: number): number {
    return this.word(this.nodeAt(index) + 6);
  }

  private flags(index: number): number {
    return this.word(this.nodeAt(index) + 4);
  }

  private valueAt(index: number): number {
    return this.nodeAt(index) + NODE_BYTES + this.keyBytes(index);
  }

  private word(at: number): number {
    return this.view.getUint16(at, true);
  }
}

/** How much of a page with a value's beginning {@link checkOverflow} reads. */
export const OVERFLOW_HEADER_BYTES = HEADER_BYTES;

/** @throws {PageFault} when the first of a value's pages is none */
export function checkOverflow(header: Buffer, { first, count }: OverflowPages): void {
  if (Number(header.readBigUInt64LE(0)) !== first) throw new PageFault('it says it is another');
  if (header.readUInt16LE(FLAGS_AT) !== OVERFLOW) throw new PageFault('it is of another kind');
  if (header.readUInt32LE(LOWER_AT) !== count) throw new PageFault('it is of another length');
}

/** Pages that a value of a size takes. @see LMDB mdb.c OVPAGES */
export function overflowPagesOf(valueBytes: number, pageBytes: number): number {
  return Math.floor((HEADER_BYTES - 1 + valueBytes) / pageBytes) + 1;
}

/** Exact up to 2^53; above, only that it is. */
function numberAt(view: DataView, at: number): number {
  return view.getUint32(at, true) + view.getUint32(at + 4, true) * 2 ** 32;
}

import { bigEndian, toHex } from '../../../common/bytes.js';

/** `not canonical` = it can be decoded, but an encoder would have written other bytes. */
export type RlpFault = 'malformed' | 'not canonical';

/** Internal to the blockchain module; codecs translate it into a BlockchainError by {@link readRlp}. */
export class RlpError extends Error {
  readonly fault: RlpFault;

  constructor(fault: RlpFault, reason: string) {
    super(reason);
    this.name = 'RlpError';
    this.fault = fault;
  }
}

/** What `read` gives. An {@link RlpError} becomes what `failure` makes of it; anything else is a bug and passes. */
export function readRlp<T>(read: () => T, failure: (cause: RlpError) => Error): T {
  try {
    return read();
  } catch (cause) {
    throw cause instanceof RlpError ? failure(cause) : cause;
  }
}

const SHORT_STRING = 0x80;
const LONG_STRING = 0xb7;
const SHORT_LIST = 0xc0;
const LONG_LIST = 0xf7;
const MAX_SHORT_LENGTH = 55;

interface ItemBounds {
  readonly isList: boolean;
  /** Where the payload begins; the item itself begins at the offset asked for. */
  readonly start: number;
  readonly end: number;
}

/** Undefined when the prefix itself is cut off. The payload may reach past `limit`: callers compare. */
function boundsAt(bytes: Uint8Array, offset: number, limit: number): ItemBounds | undefined {
  const prefix = bytes[offset];
  if (prefix === undefined || offset >= limit) return undefined;
  if (prefix < SHORT_STRING) return { isList: false, start: offset, end: offset + 1 };
  const isList = prefix >= SHORT_LIST;
  const longBase = isList ? LONG_LIST : LONG_STRING;
  if (prefix <= longBase) {
    const length = prefix - (isList ? SHORT_LIST : SHORT_STRING);
    return { isList, start: offset + 1, end: offset + 1 + length };
  }
  const start = offset + 1 + (prefix - longBase);
  if (start > limit) return undefined;
  const length = uintOf(bytes.subarray(offset + 1, start));
  if (length <= MAX_SHORT_LENGTH || bytes[offset + 1] === 0) {
    throw new RlpError('not canonical', 'length is not in its shortest form');
  }
  return { isList, start, end: start + length };
}

/**
 * Total length in bytes of the item at `offset`, prefix included; undefined while `bytes` holds only a part of it
 * (and at the end of `bytes`). The declared length is not checked against `bytes`' own: a caller that reads a stream
 * compares it with its limit.
 * @throws {RlpError} when the prefix is not in its shortest form
 */
export function declaredLength(bytes: Uint8Array, offset: number): number | undefined {
  const bounds = boundsAt(bytes, offset, bytes.length);
  return bounds && bounds.end - offset;
}

/**
 * Total length in bytes of the item at `offset`, prefix included; undefined when the item is not all there.
 * @throws {RlpError} when the prefix is not in its shortest form
 */
export function itemLength(bytes: Uint8Array, offset: number): number | undefined {
  const length = declaredLength(bytes, offset);
  return length === undefined || offset + length > bytes.length ? undefined : length;
}

/**
 * Reads RLP items one after another, in place: what it gives out are views of the input. It descends only where the
 * caller does, and takes nothing but the shortest encoding.
 * Every method throws {@link RlpError}.
 */
export class RlpReader {
  private readonly bytes: Uint8Array;
  private readonly end: number;
  private at: number;

  constructor(bytes: Uint8Array, start = 0, end = bytes.length) {
    this.bytes = bytes;
    this.at = start;
    this.end = end;
  }

  /** Position of the next item in the bytes given to the first reader. */
  get offset(): number {
    return this.at;
  }

  /** The items from an earlier {@link offset} up to here, as they stand. */
  since(start: number): Uint8Array {
    return this.bytes.subarray(start, this.at);
  }

  get isAtEnd(): boolean {
    return this.at >= this.end;
  }

  get nextIsList(): boolean {
    return (this.bytes[this.at] ?? 0) >= SHORT_LIST && !this.isAtEnd;
  }

  /** A reader over the items of the next item, which must be a list. */
  readList(): RlpReader {
    const { isList, start, end } = this.take();
    if (!isList) throw new RlpError('malformed', 'expected a list but found a string');
    return new RlpReader(this.bytes, start, end);
  }

  readBytes(): Uint8Array {
    const { isList, start, end } = this.take();
    if (isList) throw new RlpError('malformed', 'expected a string but found a list');
    return this.bytes.subarray(start, end);
  }

  readFixed(length: number): Uint8Array {
    const value = this.readBytes();
    if (value.length !== length) {
      throw new RlpError('malformed', `expected ${length} bytes but found ${value.length}`);
    }
    return value;
  }

  /** An unsigned integer of at most `maxBytes` bytes. */
  readUint(maxBytes: number): bigint {
    const value = this.readUintBytes(maxBytes);
    if (value.length <= 6) return BigInt(uintOf(value));
    return BigInt(toHex(value));
  }

  readUint64(): bigint {
    return this.readUint(8);
  }

  /** A uint64 that fits a number: block heights above 2^53-1 are refused here. */
  readSafeUint(): number {
    const result = uintOf(this.readUintBytes(8));
    if (!Number.isSafeInteger(result)) throw new RlpError('malformed', 'integer above 2^53-1');
    return result;
  }

  /** The next item as it stands, prefix included; its inside is not looked at. */
  readRaw(): Uint8Array {
    const from = this.at;
    this.take();
    return this.bytes.subarray(from, this.at);
  }

  /** @throws {RlpError} when items are left; what an encoder would never write */
  expectEnd(what: string): void {
    if (!this.isAtEnd) throw new RlpError('not canonical', `${what} is followed by more`);
  }

  /** What a caller throws that finds something wrong with the items. */
  fault(reason: string): RlpError {
    return new RlpError('malformed', reason);
  }

  private readUintBytes(maxBytes: number): Uint8Array {
    const value = this.readBytes();
    if (value.length > maxBytes) throw new RlpError('malformed', `integer longer than ${maxBytes} bytes`);
    if (value[0] === 0) throw new RlpError('not canonical', 'integer with leading zeros');
    return value;
  }

  private take(): ItemBounds {
    const bounds = boundsAt(this.bytes, this.at, this.end);
    if (bounds === undefined)
      throw new RlpError('malformed', this.isAtEnd ? 'item is missing' : 'length is cut off');
    const { isList, start, end } = bounds;
    if (end > this.end) throw new RlpError('malformed', 'item is longer than its container');
    const first = this.bytes[start];
    const hasPrefix = start > this.at;
    if (!isList && end - start === 1 && hasPrefix && first !== undefined && first < SHORT_STRING) {
      throw new RlpError('not canonical', 'single byte with a prefix');
    }
    this.at = end;
    return bounds;
  }
}

function uintOf(bytes: Uint8Array): number {
  let result = 0;
  for (const byte of bytes) result = result * 256 + byte;
  return result;
}

/** RLP of a byte string. */
export function encodeBytes(value: Uint8Array): Uint8Array {
  const first = value[0];
  if (value.length === 1 && first !== undefined && first < SHORT_STRING) return value;
  return withPrefix(SHORT_STRING, LONG_STRING, value.length, [value]);
}

/** RLP of an unsigned integer, big endian without leading zeros; zero is the empty string. */
export function encodeUint(value: bigint | number): Uint8Array {
  const bytes = bigEndian(value);
  return bytes[0] === 0 ? Uint8Array.of(SHORT_STRING) : encodeBytes(bytes);
}

/** RLP of a list whose items are already encoded. */
export function encodeList(parts: readonly Uint8Array[]): Uint8Array {
  let length = 0;
  for (const part of parts) length += part.length;
  return withPrefix(SHORT_LIST, LONG_LIST, length, parts);
}

/** What stands before the payload of an item; for a string of one byte only where that byte is 0x80 or more. */
export function prefixOf(kind: 'string' | 'list', length: number): Uint8Array {
  const prefix = new Uint8Array(1 + sizeOfLength(length));
  if (kind === 'list') writePrefix(prefix, SHORT_LIST, LONG_LIST, length);
  else writePrefix(prefix, SHORT_STRING, LONG_STRING, length);
  return prefix;
}

function withPrefix(short: number, long: number, length: number, parts: readonly Uint8Array[]): Uint8Array {
  const encoded = new Uint8Array(1 + sizeOfLength(length) + length);
  let at = writePrefix(encoded, short, long, length);
  for (const part of parts) {
    encoded.set(part, at);
    at += part.length;
  }
  return encoded;
}

/** Bytes that a length takes behind the first; none when it is part of that. */
function sizeOfLength(length: number): number {
  return length <= MAX_SHORT_LENGTH ? 0 : Math.ceil((32 - Math.clz32(length)) / 8);
}

/** @returns Where the payload begins. */
function writePrefix(target: Uint8Array, short: number, long: number, length: number): number {
  const size = sizeOfLength(length);
  target[0] = size === 0 ? short + length : long + size;
  for (let at = size, rest = length; at > 0; at--, rest = Math.floor(rest / 256)) target[at] = rest % 256;
  return 1 + size;
}

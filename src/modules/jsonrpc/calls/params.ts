import { fromHex } from '../../../common/bytes.js';
import { JsonRpcError } from '../jsonrpc.errors.js';

/** Names of a block in the place of its number; `pending` is the newest, as nothing is executed ahead of it. */
export type BlockTag = number | 'latest' | 'beyond';

const HASH_BYTES = 32;
const MAX_UINT64 = 2n ** 64n - 1n;

/**
 * Reads the parameters of a call by their place. What is left out at the end is 0 or false, as in the Go client, but for
 * hashes and data, which are asked for.
 */
export class Params {
  constructor(private readonly values: readonly unknown[]) {}

  /** `latest`, `pending`, `earliest`, or a number, decimal or hex. `beyond`: higher than any block here can be. */
  blockTag(at: number, name: string): BlockTag {
    const value = this.values[at];
    if (value === undefined || value === null || value === 'earliest') return 0;
    if (value === 'latest' || value === 'pending') return 'latest';
    return this.quantity(at, name, 'must be a block number, latest, pending or earliest');
  }

  /** Up to 2^53 - 1, or `beyond`. */
  index(at: number, name: string): number | 'beyond' {
    const value = this.values[at];
    return value === undefined || value === null ? 0 : this.quantity(at, name, 'must be a number');
  }

  hash(at: number, name: string): Uint8Array {
    const bytes = this.hexBytes(at);
    if (bytes?.length !== HASH_BYTES) throw invalid(name, 'must be 32 bytes in hex with 0x');
    return bytes;
  }

  data(at: number, name: string, maxBytes: number): Uint8Array {
    const bytes = this.hexBytes(at);
    if (bytes === undefined) throw invalid(name, 'must be bytes in hex with 0x');
    if (bytes.length > maxBytes) throw invalid(name, `must have at most ${maxBytes} bytes`);
    return bytes;
  }

  flag(at: number, name: string): boolean {
    const value = this.values[at];
    if (value === undefined || value === null) return false;
    if (typeof value !== 'boolean') throw invalid(name, 'must be true or false');
    return value;
  }

  text(at: number, name: string): string {
    const value = this.values[at];
    if (typeof value !== 'string') throw invalid(name, 'must be a text');
    return value;
  }

  private quantity(at: number, name: string, rule: string): number | 'beyond' {
    const value = this.values[at];
    const text = typeof value === 'number' ? String(value) : value;
    // 2^64 has 20 digits; longer texts are not worth a big number.
    if (typeof text !== 'string' || !/^(0x[0-9a-f]{1,64}|\d{1,20})$/i.test(text)) throw invalid(name, rule);
    const number = BigInt(text);
    if (number > MAX_UINT64) throw invalid(name, rule);
    return number > BigInt(Number.MAX_SAFE_INTEGER) ? 'beyond' : Number(number);
  }

  private hexBytes(at: number): Uint8Array | undefined {
    const value = this.values[at];
    return typeof value === 'string' && /^0x/i.test(value) ? fromHex(value) : undefined;
  }
}

function invalid(param: string, reason: string): JsonRpcError {
  return new JsonRpcError({ code: 'JSONRPC.INVALID_PARAMS', param, reason });
}

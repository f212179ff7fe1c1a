import { toHex } from '../../../common/bytes.js';
import { type Chain, decodeBlock } from '../../blockchain/index.js';
import type { BlockTag } from '../calls/params.js';
import { JsonRpcError } from '../jsonrpc.errors.js';
import type { ReadBlock } from '../objects/block.mapper.js';

/** Blocks of the chain as callers name them. */
export class BlockReader {
  constructor(private readonly chain: Chain) {}

  /** @throws {JsonRpcError} JSONRPC.NO_HEAD */
  headNumber(): number {
    const head = this.chain.head();
    if (head === undefined) throw new JsonRpcError({ code: 'JSONRPC.NO_HEAD' });
    return head.number;
  }

  /**
   * Undefined when there is no such block (yet).
   * @throws {JsonRpcError} JSONRPC.BLOCK_PRUNED when there was one, and JSONRPC.NO_HEAD
   */
  async byTag(tag: BlockTag): Promise<ReadBlock | undefined> {
    if (tag === 'beyond') return undefined;
    const head = this.headNumber();
    const number = tag === 'latest' ? head : tag;
    const found = await this.byNumber(number);
    const { tail } = this.chain.info();
    if (found === undefined && number > 0 && number < tail) {
      throw new JsonRpcError({ code: 'JSONRPC.BLOCK_PRUNED', tail });
    }
    return found;
  }

  /** Blocks of the chain only: one that was replaced is not found. */
  async byHash(hash: Uint8Array): Promise<ReadBlock | undefined> {
    const number = await this.chain.numberByHash(hash);
    const found = number === undefined ? undefined : await this.byNumber(number);
    return found?.hash === toHex(hash) ? found : undefined;
  }

  async byNumber(number: number): Promise<ReadBlock | undefined> {
    const hash = await this.chain.hashByNumber(number);
    const raw = await this.chain.rawBlock(number);
    if (hash === undefined || raw === undefined) return undefined;
    const after = await this.chain.hashByNumber(number);
    // Replaced in between: what was read may be of either.
    if (after === undefined || toHex(after) !== toHex(hash)) return this.byNumber(number);
    return { block: decodeBlock(raw), hash: toHex(hash) };
  }
}

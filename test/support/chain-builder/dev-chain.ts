import { encodeHeader } from '../../../src/modules/blockchain/codec/header.codec.js';
import { keccak256 } from '../../../src/modules/blockchain/crypto/keccak.js';
import type { Header } from '../../../src/modules/blockchain/ports/types.js';
import { type BlockOptions, type BuiltBlock, BuiltChain } from './built-chain.js';

export interface DevBlockOptions extends BlockOptions {
  /** 1 unless told; the heavier branch wins. */
  readonly difficulty?: bigint;
  readonly miner?: Uint8Array;
}

export interface DevChainOptions {
  readonly engine?: 'dev' | 'dummy';
  readonly chainId?: number;
}

const NO_HASH = new Uint8Array(32);
const NO_NONCE = new Uint8Array(8);
const NOBODY = new Uint8Array(20);

/** A chain of an engine without seals: the hash is over all 16 items. */
export class DevChain extends BuiltChain {
  seal(options: DevBlockOptions = {}): BuiltBlock {
    const { difficulty = 1n, miner = NOBODY } = options;
    const draft = this.draft(options, { miner, nonce: NO_NONCE, mixHash: NO_HASH, difficulty, baseFee: 0n });
    const header = { ...draft, extraData: new Uint8Array() };
    return this.append({ header, hash: this.headerHash(header) }, options);
  }

  fork(at: number): DevChain {
    const copy = new DevChain(this.genesisText);
    copy.copyFrom(this, at);
    return copy;
  }

  protected headerHash(header: Header): Uint8Array {
    return keccak256(encodeHeader(header));
  }
}

/** A chain of the `dev` engine at genesis. */
export function devChain({ engine = 'dev', chainId = 7_332 }: DevChainOptions = {}): DevChain {
  const file = {
    name: 'chain-builder',
    genesis: { nonce: '0x0', gasLimit: '0x500000', difficulty: '0x1', alloc: {} },
    params: {
      forks: { homestead: { block: 0 }, EIP155: { block: 0 } },
      chainID: chainId,
      engine: { [engine]: {} },
    },
  };
  return new DevChain(JSON.stringify(file));
}

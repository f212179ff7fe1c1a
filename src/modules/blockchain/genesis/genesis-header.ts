import { bytesEqual } from '../../../common/bytes.js';
import { EMPTY_UNCLES_HASH } from '../codec/block.codec.js';
import type { Header } from '../ports/types.js';
import { stateRoot } from '../trie/state-root.js';
import { EMPTY_TRIE_ROOT } from '../trie/trie.js';
import type { ChainConfig } from './chain-config.js';

const BLOOM_BYTES = 256;

export interface GenesisHeader {
  readonly header: Header;
  /** `computed` from the file's alloc, or with the `trusted root` that the file gives. */
  readonly trust: 'computed' | 'trusted root';
}

/**
 * Block 0's header; undefined when its state root can be had only by execution (PolyBFT without `genesis.stateRoot`).
 * @see polygon-edge@597a0f3 chain/chain.go GenesisHeader
 */
export function genesisHeader(config: ChainConfig): GenesisHeader | undefined {
  const trustedRoot = config.genesis.stateRoot;
  if (trustedRoot !== undefined) {
    return { header: headerWithStateRoot(config, trustedRoot), trust: 'trusted root' };
  }
  // Contracts are initialised in the EVM at genesis, so what they leave in their storage is not in the file.
  if (config.engine.name === 'polybft') return undefined;
  return { header: headerWithStateRoot(config, stateRoot(config.alloc)), trust: 'computed' };
}

/** The names of the header's fields that the genesis file contradicts; none when it may be this chain's genesis. */
export function matchesGenesis(config: ChainConfig, header: Header): string[] {
  const expected = genesisHeader(config)?.header ?? headerWithStateRoot(config, header.stateRoot);
  const fields = Object.keys(expected) as (keyof Header)[];
  return fields.filter((field) => !isSame(expected[field], header[field]));
}

function isSame(a: Header[keyof Header], b: Header[keyof Header]): boolean {
  return a instanceof Uint8Array && b instanceof Uint8Array ? bytesEqual(a, b) : a === b;
}

/** What the file fixes of block 0, with a state root from elsewhere. */
export function headerWithStateRoot(
  { genesis }: Pick<ChainConfig, 'genesis'>,
  stateRoot: Uint8Array,
): Header {
  return {
    parentHash: genesis.parentHash,
    sha3Uncles: EMPTY_UNCLES_HASH,
    miner: genesis.coinbase,
    stateRoot,
    txRoot: EMPTY_TRIE_ROOT,
    receiptsRoot: EMPTY_TRIE_ROOT,
    logsBloom: new Uint8Array(BLOOM_BYTES),
    difficulty: genesis.difficulty,
    number: genesis.number,
    gasLimit: genesis.gasLimit,
    gasUsed: genesis.gasUsed,
    timestamp: genesis.timestamp,
    extraData: genesis.extraData,
    mixHash: genesis.mixHash,
    nonce: genesis.nonce,
    baseFee: genesis.baseFee,
  };
}

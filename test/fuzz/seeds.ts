import { decodeBlock } from '../../src/modules/blockchain/codec/block.codec.js';
import type { Header } from '../../src/modules/blockchain/index.js';
import { NETWORKS, type Network, readBackup } from '../support/fixtures.js';

/** Blocks kept of each network, besides the first ones and those with transactions. */
const EVERY = 20;
const MAX_BYTES = 8_192;

/** Some blocks of the recorded networks. */
export function recordedBlocks(...networks: Network[]): Uint8Array[] {
  const chosen = networks.length > 0 ? networks : NETWORKS;
  return chosen.flatMap((network) =>
    readBackup(network).blocks.filter(
      (raw, number) =>
        raw.length <= MAX_BYTES &&
        (number < 3 || number % EVERY === 0 || decodeBlock(raw).transactions.length > 0),
    ),
  );
}

/** Their headers. */
export function recordedHeaders(...networks: Network[]): Header[] {
  return recordedBlocks(...networks).map((raw) => decodeBlock(raw).header);
}

import { bytesEqual, fromHex } from '../../../common/bytes.js';
import { readCheckpoint } from '../archive/checkpoint-file.js';
import { BlockchainError } from '../blockchain.errors.js';
import { decodeHeader } from '../codec/header.codec.js';
import type { ChainConfig } from '../genesis/chain-config.js';
import type { Consensus } from '../ports/consensus.port.js';
import { Anchor } from './anchor.js';

const BY_HASH = /^(\d{1,15}):(0x[0-9a-fA-F]{64})$/;

/**
 * The checkpoint that the setting names: `number:hash`, or a file of ours; undefined where it names none.
 * @throws {BlockchainError} BLOCKCHAIN.CHECKPOINT_INVALID | BLOCKCHAIN.ANCHOR_MISMATCH for one of another chain
 */
export async function loadAnchor(
  setting: string,
  { chainId }: Pick<ChainConfig, 'chainId'>,
  consensus: Consensus,
): Promise<Anchor | undefined> {
  if (setting === '') return undefined;
  const [, number, hash] = BY_HASH.exec(setting) ?? [];
  const bytes = hash === undefined ? undefined : fromHex(hash);
  if (number !== undefined && bytes !== undefined) return new Anchor({ number: Number(number), hash: bytes });
  const checkpoint = await readCheckpoint(setting);
  const fail = (reason: string) =>
    new BlockchainError({ code: 'BLOCKCHAIN.ANCHOR_MISMATCH', number: checkpoint.number, reason });
  if (checkpoint.chainId !== chainId) {
    throw fail(`the checkpoint is of chain ${checkpoint.chainId}, this is ${chainId}`);
  }
  const header = decodeHeader(checkpoint.header);
  if (header.number !== checkpoint.number || !bytesEqual(consensus.headerHash(header), checkpoint.hash)) {
    throw fail('the header in the checkpoint file has another number or hash');
  }
  return new Anchor(checkpoint);
}

import { BlockchainError } from '../blockchain.errors.js';
import { decodeBlock } from '../codec/block.codec.js';
import type { BlockStore } from '../ports/block-store.port.js';
import type { Consensus, EngineState } from '../ports/consensus.port.js';
import { readRlp } from '../rlp/rlp.js';
import type { Tip } from './tip.js';

/**
 * The engine's state after a block; undefined where none is stored for it.
 * @throws {BlockchainError} BLOCKCHAIN.STORE_CORRUPT
 */
export async function storedState(
  store: BlockStore,
  consensus: Consensus,
  number: number,
): Promise<EngineState | undefined> {
  const record = await store.stateAt(number);
  if (record === undefined) return undefined;
  return readRlp(
    () => consensus.decodeState(record.state),
    (cause) => {
      const reason = `the state of block ${record.number} cannot be decoded: ${cause.message}`;
      return new BlockchainError({ code: 'BLOCKCHAIN.STORE_CORRUPT', number: record.number, reason }, cause);
    },
  );
}

/**
 * A stored block with the engine's state after it; undefined when the block, or a state for it, is not stored.
 * @throws {BlockchainError} BLOCKCHAIN.STORE_CORRUPT
 */
export async function storedTip(
  store: BlockStore,
  consensus: Consensus,
  number: number,
): Promise<Tip | undefined> {
  const [raw, hash, state] = await Promise.all([
    store.rawBlock(number),
    store.hashByNumber(number),
    storedState(store, consensus, number),
  ]);
  if (raw === undefined || hash === undefined || state === undefined) return undefined;
  return { number, hash, timestamp: decodeBlock(raw).header.timestamp, raw, state };
}

import { GrpcStatus, GrpcStatusError } from '../../common/grpc-status.js';
import { BlockchainError, type Chain } from '../blockchain/index.js';
import type { BlockMessage } from './sync-peer.codec.js';

/** What one read of the store may bring, and so what a stalled caller costs. */
export const READ_LIMITS = { maxCount: 256, maxBytes: 512 * 1_024 };

/** When the next read may be, and what the last one brought. */
export interface ReadPace {
  /** Undefined: now. */
  turn(): Promise<void> | undefined;
  took(bytes: number): void;
}

/**
 * Canonical blocks from a height to the head, which is looked up anew before each read; nothing when `from` is above it.
 * @param from Straight from the wire.
 * @throws {GrpcStatusError} UNKNOWN `block not found` when a block below the head is missing, OUT_OF_RANGE when it is not
 * kept any more, and what `pace` throws
 * @see polygon-edge@597a0f3 syncer/service.go GetBlocks
 */
export async function* serveBlocks(
  chain: Chain,
  from: bigint,
  signal: AbortSignal,
  pace: ReadPace,
): AsyncGenerator<readonly BlockMessage[]> {
  const isAboveHead = (height: bigint | number) => height > (chain.head()?.number ?? -1);
  if (isAboveHead(from)) return;
  let next = Number(from);
  while (!signal.aborted && !isAboveHead(next)) {
    const turn = pace.turn();
    if (turn !== undefined) await turn;
    const blocks = await read(chain, next);
    pace.took(blocks.reduce((bytes, { length }) => bytes + length, 0));
    // The head may have gone back while we read.
    if (blocks.length === 0 && !isAboveHead(next))
      throw new GrpcStatusError(GrpcStatus.UNKNOWN, 'block not found');
    next += blocks.length;
    yield blocks.map((block) => ({ block }));
  }
}

async function read(chain: Chain, from: number): Promise<readonly Uint8Array[]> {
  try {
    return await chain.rawBlocks(from, READ_LIMITS);
  } catch (error) {
    if (!(error instanceof BlockchainError) || error.code !== 'BLOCKCHAIN.PRUNED') throw error;
    throw new GrpcStatusError(GrpcStatus.OUT_OF_RANGE, error.message, error);
  }
}

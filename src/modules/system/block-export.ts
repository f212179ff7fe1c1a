import type { MessageInitShape } from '@bufbuild/protobuf';
import { concatBytes } from '../../common/bytes.js';
import type { ExportEventSchema } from '../../gen/v1/system_pb.js';
import type { Chain } from '../blockchain/index.js';
import { toHeight } from './system.mapper.js';

/**
 * A chunk is sent before a block that would make it reach this size, its own fields counted as 24 bytes.
 * @see polygon-edge@597a0f3 server/system_service.go blockStreamWriter
 */
const CHUNK_BYTES = 512 * 1_024;
const CHUNK_OVERHEAD_BYTES = 24;
const READ_BLOCKS = 512;

type ExportEvent = MessageInitShape<typeof ExportEventSchema>;

/** Blocks from `from` to `to` inclusive (0n: to the head, looked up anew at each chunk) as chunks of concatenated RLP. */
export async function* exportBlocks(
  chain: Chain,
  { from, to }: { from: bigint; to: bigint },
  signal: AbortSignal,
): AsyncGenerator<readonly ExportEvent[]> {
  let next = toHeight(from);
  const last = to === 0n ? Number.MAX_SAFE_INTEGER : toHeight(to);
  while (!signal.aborted && next <= last) {
    const limits = { maxCount: Math.min(READ_BLOCKS, last - next + 1), maxBytes: CHUNK_BYTES };
    const blocks = await chain.rawBlocks(next, limits);
    if (blocks.length === 0) return;
    const latest = BigInt(chain.head()?.number ?? 0);
    for (const chunk of chunksOf(blocks)) {
      const event = {
        from: BigInt(next),
        to: BigInt(next + chunk.length - 1),
        latest,
        data: concatBytes(chunk),
      };
      next += chunk.length;
      yield [event];
    }
  }
}

function* chunksOf(blocks: readonly Uint8Array[]): Generator<readonly Uint8Array[]> {
  let chunk: Uint8Array[] = [];
  let bytes = CHUNK_OVERHEAD_BYTES;
  for (const block of blocks) {
    if (chunk.length > 0 && bytes + block.length >= CHUNK_BYTES) {
      yield chunk;
      chunk = [];
      bytes = CHUNK_OVERHEAD_BYTES;
    }
    chunk.push(block);
    bytes += block.length;
  }
  if (chunk.length > 0) yield chunk;
}

export interface BatchLimits {
  readonly maxBlocks: number;
  /** A batch is full once it holds that much; the last block may go beyond. */
  readonly maxBytes: number;
}

/** Groups blocks. When `blocks` fails, what came before is given out first, and then the failure. */
export async function* inBatches(
  blocks: AsyncIterable<Uint8Array>,
  { maxBlocks, maxBytes }: BatchLimits,
): AsyncGenerator<readonly Uint8Array[]> {
  let batch: Uint8Array[] = [];
  let bytes = 0;
  try {
    for await (const block of blocks) {
      batch.push(block);
      bytes += block.length;
      if (batch.length < maxBlocks && bytes < maxBytes) continue;
      yield batch;
      batch = [];
      bytes = 0;
    }
  } catch (error) {
    if (batch.length > 0) yield batch;
    throw error;
  }
  if (batch.length > 0) yield batch;
}

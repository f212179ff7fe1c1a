import { RlpError, RlpReader } from '../rlp/rlp.js';

/** The vote in a block of an IBFT chain. */
export interface Vote {
  readonly number: number;
  /** 8 bytes: the vote's direction, which no hash covers. */
  readonly nonce: Uint8Array;
  /** Whom it is about: the header's miner. */
  readonly candidate: Uint8Array;
}

const NO_CANDIDATE = Buffer.alloc(20);

/**
 * The vote in a raw block, unchecked, as views of it; undefined when there is none or the bytes are no block. Cheap: the
 * rest is skipped.
 */
export function readVote(raw: Uint8Array): Vote | undefined {
  try {
    const items = new RlpReader(raw).readList().readList();
    skip(items, 2);
    const candidate = items.readBytes();
    if (NO_CANDIDATE.equals(candidate)) return undefined;
    skip(items, 5);
    const number = items.readSafeUint();
    skip(items, 5);
    return { number, nonce: items.readFixed(8), candidate };
  } catch (error) {
    if (error instanceof RlpError) return undefined;
    throw error;
  }
}

function skip(items: RlpReader, count: number): void {
  for (let i = 0; i < count; i++) items.readRaw();
}

import { type Clock, delay } from '../../src/common/clock.js';
import { fakeBlock } from './fake-chain.js';

/** How a fake peer answers. */
export interface PeerScript {
  status(): Promise<bigint>;
  blocks(from: number, signal: AbortSignal): AsyncIterable<Uint8Array>;
}

/** A peer that has the blocks up to `height()` and serves them well. */
export function honestPeer(height: () => number): PeerScript {
  return {
    status: async () => BigInt(height()),
    async *blocks(from) {
      for (let number = from; number <= height(); number++) yield fakeBlock(number);
    },
  };
}

/** A peer that claims a height and streams what `blocks` gives. */
export const scriptedPeer = (claimed: bigint, blocks: PeerScript['blocks']): PeerScript => ({
  status: async () => claimed,
  blocks,
});

/** A peer that gives a block each `everyMs`, and ends at once when it is called off. */
export const drippingPeer = (
  clock: Clock,
  { claimed, everyMs }: { claimed: number; everyMs: number },
  blocks: (from: number) => Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
): PeerScript =>
  scriptedPeer(BigInt(claimed), async function* (from, signal) {
    for await (const block of blocks(from)) {
      const isOver = await delay(clock, everyMs, signal).then(
        () => false,
        () => true,
      );
      if (isOver) return;
      yield block;
    }
  });

/** Resolves when the signal aborts: a peer that says nothing. */
export const silence = (signal: AbortSignal) =>
  new Promise<void>((resolve) => {
    if (signal.aborted) return resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
  });

import type { PeerId } from '../../src/modules/network/index.js';
import { BlockShares } from '../../src/modules/sync/block-shares.js';
import type { BlockShare } from '../../src/modules/sync/peer-shares.js';
import { ManualClock } from './manual-clock.js';

const BATCH = 100;

/** Shares of a hundred bytes a batch, and peers that a test opens streams of. */
export function blockShares({ streamsPerPeer = 4, bytesInFlight = 1_000 } = {}) {
  const clock = new ManualClock();
  const refused: string[] = [];
  const shares = new BlockShares({
    clock,
    streamsPerPeer,
    bytesInFlight,
    maxReadBytes: BATCH,
    onRefused: (reason) => refused.push(reason),
  });
  /** A GetBlocks of that peer; a reset reaches us as an abort, as it does over the wire. */
  const open = (name: string) => {
    const abort = new AbortController();
    const stream = {
      abort,
      sent: Promise.resolve(),
      wasReset: false,
      isWaiting: false,
      turns: 0,
      error: undefined as unknown,
      turn,
      close,
    };
    const call = {
      peerId: name as PeerId,
      allSent: () => stream.sent,
      reset: () => {
        stream.wasReset = true;
      },
    };
    const share: BlockShare = shares.open(call, abort.signal);
    function turn(bytes = BATCH) {
      if (stream.isWaiting) return stream;
      const granted = () => {
        stream.isWaiting = false;
        shares.took(share, bytes);
        stream.turns += 1;
      };
      const failed = (error: unknown) => {
        stream.isWaiting = false;
        stream.error = error;
      };
      try {
        const waiting = shares.turn(share);
        stream.isWaiting = waiting !== undefined;
        if (waiting === undefined) granted();
        else waiting.then(granted, failed);
      } catch (error) {
        failed(error);
      }
      return stream;
    }
    function close() {
      shares.close(share);
    }
    return stream;
  };
  return { clock, shares, refused, open };
}

import { GrpcStatus, GrpcStatusError } from '../../../common/grpc-status.js';
import type { PeerId } from '../ports/types.js';

/** Calls at once. Each may hold up to a few hundred KiB that wait to be sent. */
const MAX_CALLS_PER_PEER = 32;
const MAX_CALLS = 512;

/** Counts the calls under way, per peer and in all. */
export class CallBudget {
  readonly #byPeer = new Map<PeerId, number>();
  #total = 0;

  /** Counts a call in; the returned function counts it out. @throws {GrpcStatusError} RESOURCE_EXHAUSTED */
  admit(peerId: PeerId): () => void {
    const ofPeer = this.#byPeer.get(peerId) ?? 0;
    if (ofPeer >= MAX_CALLS_PER_PEER || this.#total >= MAX_CALLS) {
      throw new GrpcStatusError(GrpcStatus.RESOURCE_EXHAUSTED, 'too many calls at once');
    }
    this.#byPeer.set(peerId, ofPeer + 1);
    this.#total += 1;
    return () => this.#release(peerId);
  }

  #release(peerId: PeerId): void {
    this.#total -= 1;
    const left = (this.#byPeer.get(peerId) ?? 0) - 1;
    if (left > 0) this.#byPeer.set(peerId, left);
    else this.#byPeer.delete(peerId);
  }
}

import type { PeerAddress, PeerId } from '../ports/types.js';

/**
 * Lower goes first: what somebody asked for before what is to be kept connected. Discovered peers do not queue, they
 * wait in the pool of candidates.
 *
 * @see polygon-edge@597a0f3 network/common/common.go DialPriority
 */
export const DialPriority = { REQUESTED: 1, KEPT: 10 } as const;

export type DialPriority = (typeof DialPriority)[keyof typeof DialPriority];

export interface DialTask {
  readonly address: PeerAddress;
  readonly priority: DialPriority;
}

/** held = the peer waits already with an equal or better priority. */
export type QueueOutcome = 'added' | 'held' | 'full';

/**
 * Dials that wait: by priority, then in the order of arrival; one per peer.
 *
 * @see polygon-edge@597a0f3 network/dial/dial_queue.go DialQueue
 * @remarks Differs: bounded. When full, a requested dial pushes out the newest kept one, and others are refused.
 */
export class DialQueue {
  /** A Map per priority keeps the order of arrival. */
  readonly #tasks: Readonly<Record<DialPriority, Map<PeerId, DialTask>>> = {
    [DialPriority.REQUESTED]: new Map(),
    [DialPriority.KEPT]: new Map(),
  };

  constructor(private readonly capacity: number) {}

  get size(): number {
    return this.#tasks[DialPriority.REQUESTED].size + this.#tasks[DialPriority.KEPT].size;
  }

  has(peerId: PeerId): boolean {
    return this.#tasks[DialPriority.REQUESTED].has(peerId) || this.#tasks[DialPriority.KEPT].has(peerId);
  }

  /** Snapshot, in the order of leaving. */
  list(): DialTask[] {
    return Object.values(this.#tasks).flatMap((tasks) => [...tasks.values()]);
  }

  add(address: PeerAddress, priority: DialPriority): QueueOutcome {
    const { peerId } = address;
    const requested = this.#tasks[DialPriority.REQUESTED];
    const kept = this.#tasks[DialPriority.KEPT];
    if (requested.has(peerId)) return 'held';
    if (priority === DialPriority.KEPT && kept.has(peerId)) return 'held';
    kept.delete(peerId);
    if (this.size >= this.capacity && !(priority === DialPriority.REQUESTED && dropNewest(kept))) {
      return 'full';
    }
    this.#tasks[priority].set(peerId, { address, priority });
    return 'added';
  }

  /** Takes out the first that may go now; the others stay. */
  take(mayGo: (address: PeerAddress) => boolean): DialTask | undefined {
    for (const tasks of Object.values(this.#tasks)) {
      for (const [peerId, task] of tasks) {
        if (!mayGo(task.address)) continue;
        tasks.delete(peerId);
        return task;
      }
    }
    return undefined;
  }

  /** False when the peer did not wait. */
  remove(peerId: PeerId): boolean {
    return Object.values(this.#tasks)
      .map((tasks) => tasks.delete(peerId))
      .includes(true);
  }
}

function dropNewest(tasks: Map<PeerId, DialTask>): boolean {
  const newest = [...tasks.keys()].at(-1);
  return newest !== undefined && tasks.delete(newest);
}

import type { PeerAddress, PeerId } from '../ports/types.js';

/** Lower goes first. @see polygon-edge@597a0f3 network/common/common.go DialPriority */
export const DialPriority = { REQUESTED: 1, DISCOVERED: 10 } as const;

export type DialPriority = (typeof DialPriority)[keyof typeof DialPriority];

export interface DialTask {
  readonly address: PeerAddress;
  readonly priority: DialPriority;
}

/**
 * Dials that wait: by priority, then in the order of arrival; one per peer.
 *
 * @see polygon-edge@597a0f3 network/dial/dial_queue.go DialQueue
 * @remarks Differs: bounded. When full, a requested dial pushes out the newest discovered one, and others are refused.
 */
export class DialQueue {
  /** A Map per priority keeps the order of arrival. */
  readonly #tasks: Readonly<Record<DialPriority, Map<PeerId, DialTask>>> = {
    [DialPriority.REQUESTED]: new Map(),
    [DialPriority.DISCOVERED]: new Map(),
  };

  constructor(private readonly capacity: number) {}

  get size(): number {
    return this.#tasks[DialPriority.REQUESTED].size + this.#tasks[DialPriority.DISCOVERED].size;
  }

  /** False when the queue holds the peer with an equal or better priority, or is full. */
  add(address: PeerAddress, priority: DialPriority): boolean {
    const { peerId } = address;
    const requested = this.#tasks[DialPriority.REQUESTED];
    const discovered = this.#tasks[DialPriority.DISCOVERED];
    if (requested.has(peerId)) return false;
    if (priority === DialPriority.DISCOVERED && discovered.has(peerId)) return false;
    discovered.delete(peerId);
    if (
      this.size >= this.capacity &&
      !(priority === DialPriority.REQUESTED && this.#dropNewest(discovered))
    ) {
      return false;
    }
    this.#tasks[priority].set(peerId, { address, priority });
    return true;
  }

  /** Takes the next dial out. */
  pop(): DialTask | undefined {
    for (const tasks of Object.values(this.#tasks)) {
      for (const [peerId, task] of tasks) {
        tasks.delete(peerId);
        return task;
      }
    }
    return undefined;
  }

  #dropNewest(tasks: Map<PeerId, DialTask>): boolean {
    const newest = [...tasks.keys()].at(-1);
    return newest !== undefined && tasks.delete(newest);
  }
}

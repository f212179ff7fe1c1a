/** Requests and replies that are held at a time, in bytes; one reply may go beyond it, since a block is as large as it is. */
const MAX_HELD_BYTES = 64 * 1_048_576;

export interface LoadLimits {
  readonly maxRequests: number;
  readonly maxBytes?: number;
}

/** What all clients together make this node hold: who sends or reads slowly holds it for long. */
export class Load {
  private requests = 0;
  private bytes = 0;

  constructor(private readonly limits: LoadLimits) {}

  get heldRequests(): number {
    return this.requests;
  }

  get heldBytes(): number {
    return this.bytes;
  }

  /** Whether one more request is to be turned away. */
  get isFull(): boolean {
    const { maxRequests, maxBytes = MAX_HELD_BYTES } = this.limits;
    return this.requests >= maxRequests || this.bytes >= maxBytes;
  }

  /** The returned function, to be called once, ends it. */
  answering(): () => void {
    this.requests++;
    return () => {
      this.requests--;
    };
  }

  /** The same for bytes. */
  holding(bytes: number): () => void {
    this.bytes += bytes;
    return () => {
      this.bytes -= bytes;
    };
  }
}

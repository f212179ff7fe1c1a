import type { Share } from '../calls/load.js';

/** What one connection may ask ahead; what came in one piece with it may be more, up to the last. */
const MAX_AHEAD = 16;
const MAX_AHEAD_BYTES = 131_072;
const MAX_WAITING = 4_096;

interface WaitingRequest {
  readonly text: string;
  readonly release: () => void;
}

/** What came over one WebSocket, held until it is answered. */
export class RequestQueue {
  private waiting: WaitingRequest[] = [];
  private bytes = 0;
  private partialBytes = 0;
  private releasePartial = () => {};

  constructor(private readonly load: Share) {}

  /** Whether nothing more is to be read for now. */
  get isLong(): boolean {
    return this.waiting.length >= MAX_AHEAD || this.bytes >= MAX_AHEAD_BYTES;
  }

  /** Whether a part of a message waits for its end that is more than what comes in one piece. */
  get hasLargePart(): boolean {
    return this.partialBytes >= MAX_AHEAD_BYTES;
  }

  /** False when there is no room for it. */
  add(text: string, bytes: number): boolean {
    this.setPartial(0);
    if (this.waiting.length >= MAX_WAITING || !this.hasRoomFor(bytes)) return false;
    const release = this.load.holding(bytes);
    this.bytes += bytes;
    this.waiting.push({
      text,
      release: () => {
        release();
        this.bytes -= bytes;
      },
    });
    return true;
  }

  /** Bytes of a message that is not whole yet. False when there is no room for them. */
  addPart(bytes: number): boolean {
    if (!this.hasRoomFor(this.partialBytes + bytes)) return false;
    this.setPartial(this.partialBytes + bytes);
    return true;
  }

  /** The same bytes turned out to be none of a message. */
  removePart(bytes: number): void {
    this.setPartial(Math.max(0, this.partialBytes - bytes));
  }

  /** The oldest; to be released when it is answered. */
  take(): WaitingRequest | undefined {
    return this.waiting.shift();
  }

  clear(): void {
    this.setPartial(0);
    for (const { release } of this.waiting.splice(0)) release();
  }

  /** What is usual has room always, so that it can be answered that the node is busy. */
  private hasRoomFor(bytes: number): boolean {
    return this.bytes + bytes <= MAX_AHEAD_BYTES || !this.load.isFull;
  }

  private setPartial(bytes: number): void {
    this.releasePartial();
    this.partialBytes = bytes;
    this.releasePartial = bytes === 0 ? () => {} : this.load.holding(bytes);
  }
}

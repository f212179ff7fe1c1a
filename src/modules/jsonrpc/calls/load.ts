import { isLoopbackIp, siteOf } from '../../../common/ip-address.js';
import { type Holder, OpenCounts, type OpenLimits } from '../../../common/open-counts.js';

/** Requests and replies that are held at a time, in bytes; one reply may go beyond it, since a block is as large as it is. */
const MAX_HELD_BYTES = 64 * 1_048_576;
/** One address may have a quarter of what all have. */
const SHARES = 4;

export interface LoadLimits {
  readonly maxRequests: number;
  readonly maxBytes?: number;
}

/** What all clients together make this node hold: who sends or reads slowly holds it for long. */
export class Load {
  private readonly requests: OpenCounts;
  private readonly bytes: OpenCounts;

  constructor({ maxRequests, maxBytes = MAX_HELD_BYTES }: LoadLimits) {
    this.requests = new OpenCounts(sharesOf(maxRequests));
    this.bytes = new OpenCounts(sharesOf(maxBytes));
  }

  /** Those whose replies are being made. */
  get heldRequests(): number {
    return this.requests.total;
  }

  get heldBytes(): number {
    return this.bytes.total;
  }

  /** The part of one holder. */
  of(holder: Holder): Share {
    return new Share(this.requests, this.bytes, holder);
  }
}

/** What the clients of one address make this node hold. */
export class Share {
  constructor(
    private readonly requests: OpenCounts,
    private readonly bytes: OpenCounts,
    private readonly holder: Holder,
  ) {}

  /** Whether one more request is to be turned away. */
  get isFull(): boolean {
    const { requests, bytes, holder } = this;
    return requests.brokenBy(holder) !== undefined || bytes.brokenBy(holder) !== undefined;
  }

  /** The returned function ends it. */
  answering(): () => void {
    return this.requests.open(this.holder);
  }

  /** The same for bytes. */
  holding(bytes: number): () => void {
    return this.bytes.open(this.holder, bytes);
  }
}

/** What one address may have of so much. */
export const sharesOf = (total: number): OpenLimits => ({ perHolder: Math.ceil(total / SHARES), total });

/** What a client counts under. */
export type HolderOf = (address: string | undefined) => Holder;

/** Loopback may be exempt: programs of this machine, and a proxy that stands for all its clients. */
export const holderOf =
  (loopback: 'exempt' | 'count'): HolderOf =>
  (address = '') =>
    loopback === 'exempt' && isLoopbackIp(address) ? undefined : siteOf(address);

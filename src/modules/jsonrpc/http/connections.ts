import type { Socket } from 'node:net';
import { OpenCounts } from '../../../common/open-counts.js';
import { type HolderOf, sharesOf } from '../calls/load.js';

/** The connections of each address. */
export class Connections {
  private readonly counts: OpenCounts;

  constructor(
    /** Of all addresses; to be kept by who accepts them. */
    readonly max: number,
    private readonly holderOf: HolderOf,
  ) {
    this.counts = new OpenCounts(sharesOf(max));
  }

  /** Counts it until it closes; false when its address has as many as it may have. */
  admit(socket: Socket): boolean {
    const holder = this.holderOf(socket.remoteAddress);
    if (this.counts.brokenBy(holder) === 'perHolder') return false;
    socket.once('close', this.counts.open(holder));
    return true;
  }
}

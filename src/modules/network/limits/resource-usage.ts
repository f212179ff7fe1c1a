import type { PeerId, ProtocolId } from '../ports/types.js';

/** Where bytes count that belong to no protocol of ours: frames of the multiplexer, negotiations. */
export const OTHER_PROTOCOL = 'other';

export interface ResourceUsage {
  readonly memory: number;
  readonly streams: number;
  readonly calls: number;
  readonly receivedBytes: number;
  readonly sentBytes: number;
}

export interface LedgerUsage {
  readonly total: ResourceUsage & { readonly handshakes: number };
  readonly protocols: ReadonlyMap<ProtocolId, ResourceUsage>;
  /** Peers that are connected or hold something; their bytes are those since they came. */
  readonly peers: ReadonlyMap<PeerId, ResourceUsage>;
}

/** Usage that is being counted. */
export type Tally = { -readonly [Key in keyof ResourceUsage]: ResourceUsage[Key] };

export function emptyTally(): Tally {
  return { memory: 0, streams: 0, calls: 0, receivedBytes: 0, sentBytes: 0 };
}

export function copyOf({ memory, streams, calls, receivedBytes, sentBytes }: ResourceUsage): ResourceUsage {
  return { memory, streams, calls, receivedBytes, sentBytes };
}

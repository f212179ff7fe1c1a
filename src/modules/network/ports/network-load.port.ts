export const NETWORK_LOAD = Symbol('NETWORK_LOAD');

/** One limit on what peers may cost, and how it stands. */
export interface LimitStanding {
  readonly name: string;
  readonly used: number;
  /** Undefined where there is none. */
  readonly limit: number | undefined;
  /** Since the process began. */
  readonly refused: number;
  readonly unit: 'bytes' | 'streams' | 'calls' | 'handshakes' | 'peers' | 'connections' | 'messages';
}

export interface NetworkLoad {
  /** A snapshot, always the same rows in the same order. */
  limits(): readonly LimitStanding[];
}

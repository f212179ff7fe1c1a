import type { Arena } from './arena.js';

/** What an attack came to. */
export interface Outcome {
  readonly figure: string;
  readonly ok: boolean;
}

/** How the node under attack is set up; the rest is as users have it, with limits that hold for loopback too. */
export interface VictimSetup {
  /** recorded = 260 blocks, genesis = none yet, endless = a million of 100 kB. */
  readonly chain?: 'recorded' | 'genesis' | 'endless';
  /** Slices of the node's settings. */
  readonly settings?: Readonly<Record<string, object>>;
}

/** One way to hurt a node, and what it may cost. */
export interface Attack {
  readonly name: string;
  /** The advisory or the issue that taught it. */
  readonly source: string;
  readonly limit: string;
  readonly victim?: VictimSetup;
  /** Bytes of honest traffic before it, where memory is measured; none: no warm-up. */
  readonly honestBytes?: number;
  run(arena: Arena): Promise<Outcome>;
}

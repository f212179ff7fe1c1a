import type { StoreKind } from './open-node.js';
import type { WorkloadName } from './workloads.js';

export interface SyncingNodeOptions {
  readonly folder: string;
  readonly store: StoreKind;
  readonly workload: WorkloadName;
  readonly seed: number;
}

/** What a process tells about itself, a line each. */
export interface Told {
  readonly opened?: { readonly head: number; readonly tail: number; readonly openMs: number };
  readonly faults?: readonly string[];
  /** A head that it announced. */
  readonly head?: number;
  readonly done?: true;
}

/** What the reader of a damaged store found. */
export interface Findings {
  /** What `verify --store` names; empty when it finds nothing wrong. */
  readonly verified: string;
  /** Why the store was not opened. */
  readonly refused?: string | undefined;
  /** Questions that were answered with an error that has a code. */
  readonly refusals: number;
  readonly wrong: readonly string[];
}

export const READINESS = Symbol('READINESS');

/** Says why a part of the node is not ready; undefined when it is. Must be quick and must not throw. */
export type ReadinessCheck = () => string | undefined;

/** What `/readyz` asks. A node is ready when it has started and no check objects. */
export interface Readiness {
  /** Adds a check; a second one of the same name replaces the first. */
  add(name: string, check: ReadinessCheck): void;
  /** Why the node is not ready, one line each; empty when it is. */
  objections(): readonly string[];
}

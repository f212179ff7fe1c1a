export const NETWORK_CONTROL = Symbol('NETWORK_CONTROL');

/** `discovery`: looking for peers; those known are still dialed, and others told of peers. `gossip`: of all topics. */
export type NetworkActivity = 'discovery' | 'gossip';

/** Has parts of the network wait. Nothing of it outlives the process. */
export interface NetworkControl {
  /** In the order of the type. */
  paused(): readonly NetworkActivity[];
  /** Again does nothing. */
  pause(activity: NetworkActivity): void;
  /** Does nothing unless paused. */
  resume(activity: NetworkActivity): void;
}

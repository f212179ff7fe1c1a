/** What the application knows of the node and no module does: how it was put together. */
export const NODE_FACTS = Symbol('NODE_FACTS');

/** A setting as it holds. */
export interface EffectiveSetting {
  /** Such as `network.listenPort`. */
  readonly path: string;
  /** JSON; empty when it is not set, `***` for a secret. */
  readonly value: string;
  readonly origin: 'flag' | 'env' | 'file' | 'default';
}

export interface NodeFacts {
  readonly version: string;
  /** Of the build; empty when it is not known. */
  readonly commit: string;
  readonly role: 'follower' | 'sealer';
  /** What the parts are made of: store, network, log… */
  readonly adapters: Readonly<Record<string, string>>;
  readonly maxInboundPeers: number;
  readonly maxOutboundPeers: number;
  readonly settings: readonly EffectiveSetting[];
}

declare const brand: unique symbol;

/** A libp2p peer ID in base58 (`16Uiu2HA…` or `Qm…`), checked when it entered. */
export type PeerId = string & { readonly [brand]: 'PeerId' };

/** Where a peer is reached: a multiaddr without its `/p2p/<id>` end, and the ID that must answer there. */
export interface PeerAddress {
  readonly peerId: PeerId;
  /** Such as `/ip4/127.0.0.1/tcp/1478`; empty when only the ID is known. */
  readonly transport: string;
}

export type Direction = 'inbound' | 'outbound';

/** A stream protocol's name on the wire, such as `/id/0.1`. */
export type ProtocolId = string;

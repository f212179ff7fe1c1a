import { CODE_P2P, type Multiaddr } from '@multiformats/multiaddr';

/** The address up to its `/p2p/<id>`. */
export function withoutPeerId(address: Multiaddr): string {
  return address.decapsulateCode(CODE_P2P).toString();
}

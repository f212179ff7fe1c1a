import { CODE_P2P, type Multiaddr } from '@multiformats/multiaddr';

/** The address up to its `/p2p/<id>`. */
export function withoutPeerId(address: Multiaddr): string {
  return address.decapsulateCode(CODE_P2P).toString();
}

/** Which IP family a DNS address asks for; 0 = either. */
export function dnsFamily(address: Multiaddr): 0 | 4 | 6 {
  const [first] = address.getComponents();
  if (first?.name === 'dns4') return 4;
  return first?.name === 'dns6' ? 6 : 0;
}

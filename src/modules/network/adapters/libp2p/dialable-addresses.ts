import type { PeerInfo } from '@libp2p/interface';
import { parsePeerAddress } from '../../address/peer-address.js';
import { isDialable } from '../../address/reachability.js';
import type { PeerAddress } from '../../ports/types.js';
import { withoutPeerId } from './multiaddrs.js';

/** Addresses looked at of one peer. */
const MAX_PER_PEER = 8;

/** Where a peer that was told of can be dialed; what is no address of the kind we dial is left out. */
export function dialableAddresses({ id, multiaddrs }: PeerInfo): readonly PeerAddress[] {
  const addresses = new Map<string, PeerAddress>();
  for (const multiaddr of multiaddrs.slice(0, MAX_PER_PEER)) {
    try {
      const address = parsePeerAddress(`${withoutPeerId(multiaddr)}/p2p/${id}`);
      if (isDialable(address.transport)) addresses.set(address.transport, address);
    } catch {
      // Others write what they like; what does not parse is not dialed.
    }
  }
  return [...addresses.values()];
}

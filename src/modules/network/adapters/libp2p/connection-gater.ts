import type { ConnectionGater, MultiaddrConnection } from '@libp2p/interface';
import type { ConnectionFilter } from '../../ports/host.port.js';
import type { PeerId } from '../../ports/types.js';
import type { InboundGate } from './inbound-gate.js';
import { withoutPeerId } from './multiaddrs.js';

/**
 * Who gets in: bans by address when the socket is accepted, the gate after that, bans by peer as soon as the peer is
 * authenticated. Nobody in libp2p may dial by itself: our dials go past its queue, so whatever comes through it was
 * begun by one of its services and would bypass slots and Hello.
 */
export function connectionGater(gate: InboundGate, isRefused: ConnectionFilter): ConnectionGater {
  const remoteOf = ({ remoteAddr }: MultiaddrConnection) => withoutPeerId(remoteAddr);
  return {
    denyDialPeer: () => true,
    denyDialMultiaddr: () => true,
    denyInboundConnection: (connection) =>
      isRefused(remoteOf(connection), undefined) || !gate.admit(connection),
    denyInboundEncryptedConnection: (peerId, connection) =>
      isRefused(remoteOf(connection), peerId.toString() as PeerId),
    denyInboundUpgradedConnection: (_peerId, connection) => {
      gate.settled(connection);
      return false;
    },
  };
}

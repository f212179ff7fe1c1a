import type { PeerInfo } from '@libp2p/interface';
import type { KadDHTComponents } from '@libp2p/kad-dht';
import { mdns } from '@libp2p/mdns';
import { NetworkList, parseCidr } from '../../address/cidr.js';
import { isDialable, isPublic } from '../../address/reachability.js';
import type { HostContext } from '../../host-context.js';
import type { NetworkSetup } from '../../network.config.js';
import type { PeerDiscovery } from '../../ports/peer-discovery.port.js';
import type { PeerId } from '../../ports/types.js';
import { dhtComponents } from './kad-dht-components.js';
import { KadDhtDiscovery } from './kad-dht-discovery.js';
import { MdnsDiscovery } from './mdns-discovery.js';
import { withoutPeerId } from './multiaddrs.js';
import { rationed } from './rationed-streams.js';

/** Questions that a peer may put to us: one is some 50 bytes, and nodes of ours put a few per minute. */
const DHT_RATION = { burst: 32, perSecond: 4, maxBytes: 1_024 };
/** Addresses of one peer that we tell. */
const MAX_TOLD = 8;

/** The ways of finding peers that the configuration names and libp2p has. */
export function discoveriesOf(context: HostContext, components: KadDHTComponents): readonly PeerDiscovery[] {
  const { config, setup, clock, log } = context;
  const found: PeerDiscovery[] = [];
  if (config.peerSources.includes('kad-dht')) {
    const protocol = () => dhtProtocol(setup);
    const own = rationed(dhtComponents(components), DHT_RATION, context);
    const tellable = addressesToTell(context, components);
    const intervalMs = config.discoveryIntervalMs;
    found.push(new KadDhtDiscovery({ clock, log, intervalMs, protocol, components: own, tellable }));
  }
  if (config.peerSources.includes('mdns')) {
    found.push(new MdnsDiscovery(mdns({ serviceTag: serviceTag(setup) })(components), log));
  }
  return found;
}

/**
 * The name of the DHT that nodes of one chain share. A node that learns its genesis only from its peers is in another
 * (`any`) until it is started anew.
 */
function dhtProtocol({ chainId, genesisHash }: Pick<NetworkSetup, 'chainId' | 'genesisHash'>): string {
  return `/edgekeeper/${chainId}/${genesisHash()?.slice(2, 18) ?? 'any'}/kad/1.0.0`;
}

/** The service under which nodes of one chain find each other on the local network. */
function serviceTag({ chainId }: Pick<NetworkSetup, 'chainId'>): string {
  return `_edgekeeper-${chainId}._udp.local`;
}

/**
 * What may be told of a peer: TCP addresses that are not banned and not kept back, private ones only by a node that is
 * itself nowhere else.
 */
function addressesToTell(
  { config, isRefused }: HostContext,
  { addressManager }: Pick<KadDHTComponents, 'addressManager'>,
): (peer: PeerInfo) => PeerInfo {
  const denied = new NetworkList(config.announceDenyCidrs.flatMap((text) => parseCidr(text) ?? []));
  return (peer) => {
    const peerId = peer.id.toString() as PeerId;
    const arePrivateTold = !addressManager.getAddresses().some((address) => isPublic(address.toString()));
    const mayTell = (transport: string) =>
      isDialable(transport) &&
      (arePrivateTold || isPublic(transport)) &&
      !denied.has(transport) &&
      !isRefused(transport, peerId);
    const multiaddrs = peer.multiaddrs.filter((address) => mayTell(withoutPeerId(address)));
    return { ...peer, multiaddrs: multiaddrs.slice(0, MAX_TOLD) };
  };
}

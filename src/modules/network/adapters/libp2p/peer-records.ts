import type { IdentifyResult } from '@libp2p/interface';
import type { HostPeerInfo } from '../../ports/host.port.js';
import type { PeerId } from '../../ports/types.js';
import { withoutPeerId } from './multiaddrs.js';

export const MAX_PROTOCOLS = 100;
export const MAX_PROTOCOL_CHARS = 256;
export const MAX_ADDRESSES = 32;
const MAX_ADDRESS_CHARS = 512;
const MAX_AGENT_CHARS = 256;
const MAX_REMEMBERED_ADDRESSES = 1_024;

type Identified = Omit<HostPeerInfo, 'latencyMs'>;

const UNKNOWN: Identified = { protocols: [], addresses: [], agent: undefined };

/** What identify told of connected peers, and where to dial others. All of it capped: peers fill it. */
export class PeerRecords {
  readonly #identified = new Map<PeerId, Identified>();
  readonly #addresses = new Map<PeerId, string>();

  identified(
    peerId: PeerId,
    result: Pick<IdentifyResult, 'protocols' | 'listenAddrs' | 'agentVersion'>,
  ): void {
    const protocols = result.protocols.filter(({ length }) => length <= MAX_PROTOCOL_CHARS);
    const addresses = result.listenAddrs.slice(0, MAX_ADDRESSES).map(withoutPeerId);
    this.#identified.set(peerId, {
      protocols: [...new Set(protocols.slice(0, MAX_PROTOCOLS))],
      addresses: [...new Set(addresses.filter(({ length }) => length <= MAX_ADDRESS_CHARS))],
      agent: result.agentVersion?.slice(0, MAX_AGENT_CHARS),
    });
  }

  infoOf(peerId: PeerId): Identified {
    return this.#identified.get(peerId) ?? UNKNOWN;
  }

  /** The peer has no connection any more. */
  forget(peerId: PeerId): void {
    this.#identified.delete(peerId);
  }

  /** @param transport A multiaddr without `/p2p`. The peer remembered longest ago makes room. */
  remember(peerId: PeerId, transport: string): void {
    this.#addresses.delete(peerId);
    this.#addresses.set(peerId, transport);
    const [oldest] = this.#addresses.keys();
    if (this.#addresses.size > MAX_REMEMBERED_ADDRESSES && oldest !== undefined)
      this.#addresses.delete(oldest);
  }

  addressOf(peerId: PeerId): string | undefined {
    return this.#addresses.get(peerId);
  }
}

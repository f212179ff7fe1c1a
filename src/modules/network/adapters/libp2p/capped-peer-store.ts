import type { PeerData, PeerId, PeerStore } from '@libp2p/interface';
import { MAX_ADDRESSES, MAX_PROTOCOL_CHARS, MAX_PROTOCOLS } from './peer-records.js';

/** Longest value kept beside a peer, bytes: the names and versions that it told. */
const MAX_METADATA_BYTES = 256;

/**
 * Caps what libp2p keeps of a peer. Identify takes ten messages of 8 KiB, which hold 27,000 protocols, and the whole
 * record is read, sorted and written again for every stream that the peer opens.
 */
export function capPeerStore(store: PeerStore, self: PeerId): void {
  for (const method of ['save', 'patch', 'merge'] as const) {
    const real = store[method].bind(store);
    store[method] = (peerId, data, options) =>
      real(peerId, peerId.equals(self) ? data : capped(data), options);
  }
}

function capped(data: PeerData): PeerData {
  const { protocols, addresses, multiaddrs, metadata } = data;
  return {
    ...data,
    ...(protocols && {
      protocols: protocols.filter(({ length }) => length <= MAX_PROTOCOL_CHARS).slice(0, MAX_PROTOCOLS),
    }),
    ...(addresses && { addresses: addresses.slice(0, MAX_ADDRESSES) }),
    ...(multiaddrs && { multiaddrs: multiaddrs.slice(0, MAX_ADDRESSES) }),
    ...(metadata && { metadata: withoutLong(metadata) }),
  };
}

function withoutLong(metadata: NonNullable<PeerData['metadata']>): Record<string, Uint8Array | undefined> {
  const entries = metadata instanceof Map ? [...metadata] : Object.entries(metadata);
  return Object.fromEntries(entries.filter(([, value]) => (value?.length ?? 0) <= MAX_METADATA_BYTES));
}

import type { MessageInitShape } from '@bufbuild/protobuf';
import { toHex } from '../../common/bytes.js';
import type { PeerSchema, ServerStatus_TrustSchema, ServerStatusSchema } from '../../gen/v1/system_pb.js';
import type { BlockRef, ChainEvent, ChainHead, ChainInfo } from '../blockchain/index.js';
import type { PeerDetails } from '../network/index.js';

/** A height from the wire; one beyond 2^53-1, where no block can be, becomes 2^53-1. */
export function toHeight(value: bigint): number {
  return value > BigInt(Number.MAX_SAFE_INTEGER) ? Number.MAX_SAFE_INTEGER : Number(value);
}

const headerOf = ({ number, hash }: BlockRef) => ({ number: BigInt(number), hash: toHex(hash) });

export interface BlockchainEventInit {
  readonly added: { number: bigint; hash: string }[];
  readonly removed: { number: bigint; hash: string }[];
}

export function toBlockchainEvent({ added, removed }: ChainEvent): BlockchainEventInit {
  return { added: added.map(headerOf), removed: removed.map(headerOf) };
}

/** Where a subscriber that missed this event goes on from. */
export function lowestHeight({ added, removed }: BlockchainEventInit): number {
  return Math.min(...[...added, ...removed].map(({ number }) => Number(number)));
}

export function toServerStatus(
  info: ChainInfo,
  head: ChainHead | undefined,
  p2pAddr: string,
): MessageInitShape<typeof ServerStatusSchema> {
  return {
    network: BigInt(info.chainId),
    genesis: info.genesisHash ? toHex(info.genesisHash) : '',
    current: head ? headerOf(head) : { number: 0n, hash: '' },
    p2pAddr,
    verification: info.verification,
    genesisTrust: info.genesisTrust,
    trust: toTrust(info),
  };
}

function toTrust(info: ChainInfo): MessageInitShape<typeof ServerStatus_TrustSchema> {
  const { anchor, anomalies } = info;
  const { last } = anomalies;
  return {
    anchor: anchor.kind,
    anchorNumber: BigInt(anchor.number),
    anchorHash: anchor.hash ? toHex(anchor.hash) : '',
    strict: info.isStrict,
    trustedSets: BigInt(info.trustedSets),
    anomalies: BigInt(anomalies.count),
    lastAnomaly: last === undefined ? '' : `${last.rule} in block ${last.number}: ${last.reason}`,
    conflicts: BigInt(info.conflicts),
    tail: BigInt(info.tail),
    degraded: info.degraded ?? '',
  };
}

export function toPeer({ peerId, protocols, addresses }: PeerDetails): MessageInitShape<typeof PeerSchema> {
  return { id: peerId, protocols: [...protocols], addrs: [...addresses] };
}

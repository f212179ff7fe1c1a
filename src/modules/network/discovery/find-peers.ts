import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import {
  type FindPeersReq,
  FindPeersReqSchema,
  type FindPeersResp,
  FindPeersRespSchema,
} from '../../../gen/v1/discovery_pb.js';
import { parsePeerAddress } from '../address/peer-address.js';
import { chooseAddress, isDialable, isPublic } from '../address/reachability.js';
import { NetworkError } from '../network.errors.js';
import type { PeerMethod } from '../ports/peer-protocols.port.js';
import type { PeerAddress, PeerId, ProtocolId } from '../ports/types.js';

/** Addresses asked for, given and taken at most. @see polygon-edge@597a0f3 network/discovery/discovery.go maxDiscoveryPeerReqCount */
export const MAX_PEERS_PER_ANSWER = 16;
/** An honest answer has less than 3 kB; a larger one is still read, to count its junk. */
const MAX_ANSWER_BYTES = 65_536;

export const FIND_PEERS_PATH = '/v1.Discovery/FindPeers';

export interface FindPeersQuery {
  /** Letters and digits; empty stands for the caller. */
  readonly key: string;
  readonly count: number;
}

/** What is left of an answer, and how many entries were thrown away. */
export interface FoundPeers {
  readonly addresses: readonly PeerAddress[];
  readonly junk: number;
}

export function findPeersMethod(protocol: ProtocolId): PeerMethod<FindPeersReq, FindPeersResp> {
  return {
    protocol,
    path: FIND_PEERS_PATH,
    encode: (request) => toBinary(FindPeersReqSchema, request),
    decode: (bytes) => fromBinary(FindPeersRespSchema, bytes),
    maxResponseBytes: MAX_ANSWER_BYTES,
  };
}

/** @param key a peer ID; empty: those near the one who asks */
export function findPeersRequest(key = ''): FindPeersReq {
  return create(FindPeersReqSchema, { key, count: BigInt(MAX_PEERS_PER_ANSWER) });
}

/**
 * @throws {NetworkError} NETWORK.BAD_REQUEST with the Go client's text
 * @see polygon-edge@597a0f3 network/proto/discovery.pb.validate.go
 */
export function checkFindPeers({ key, count }: FindPeersReq): FindPeersQuery {
  const invalid = (field: string, rule: string) =>
    new NetworkError({
      code: 'NETWORK.BAD_REQUEST',
      field,
      reason: `invalid FindPeersReq.${field}: ${rule}`,
    });
  if (key !== '' && !/^[A-Za-z0-9]+$/.test(key)) {
    throw invalid('Key', 'value does not match regex pattern "^[A-Za-z0-9]{1,}$"');
  }
  if (count <= 0n || count > BigInt(MAX_PEERS_PER_ANSWER)) {
    throw invalid('Count', `value must be inside range (0, ${MAX_PEERS_PER_ANSWER + 1})`);
  }
  return { key, count: Number(count) };
}

/**
 * The address of a peer that is fit to be told to a caller, who may live in another network than we.
 *
 * @param transports what the peer is known by, best first
 * @returns undefined when there is none; an entry without a transport part would crash a Go node
 */
export function addressForCaller(
  peerId: PeerId,
  transports: readonly string[],
  callerIsPublic: boolean,
): PeerAddress | undefined {
  const usable = transports.filter(
    (transport) => isWellFormed(transport, peerId) && (!callerIsPublic || isPublic(transport)),
  );
  return chooseAddress(peerId, usable);
}

/**
 * Takes what can be used of a peer's answer: at most 16 entries, well-formed, with a transport part that we can dial, not ourselves, each peer once,
 * and no address inside our network when the peer that told us is outside.
 */
export function takeFoundPeers(nodes: readonly string[], self: PeerId, tellerIsPublic: boolean): FoundPeers {
  const found = new Map<PeerId, PeerAddress>();
  let junk = Math.max(0, nodes.length - MAX_PEERS_PER_ANSWER);
  for (const node of nodes.slice(0, MAX_PEERS_PER_ANSWER)) {
    const address = tryParse(node);
    if (
      address === undefined ||
      !isDialable(address.transport) ||
      (tellerIsPublic && !isPublic(address.transport))
    ) {
      junk++;
    } else if (address.peerId !== self && !found.has(address.peerId)) {
      found.set(address.peerId, address);
    }
  }
  return { addresses: [...found.values()], junk };
}

function isWellFormed(transport: string, peerId: PeerId): boolean {
  return transport !== '' && tryParse(`${transport}/p2p/${peerId}`) !== undefined;
}

function tryParse(text: string): PeerAddress | undefined {
  try {
    return parsePeerAddress(text);
  } catch (error) {
    if (error instanceof NetworkError) return undefined;
    throw error;
  }
}

import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { type Status, StatusSchema } from '../../../gen/v1/identity_pb.js';
import { decodePeerId, peerIdOf } from '../address/peer-id.js';
import { NetworkError } from '../network.errors.js';
import type { PeerMethod } from '../ports/peer-protocols.port.js';
import type { PeerId, ProtocolId } from '../ports/types.js';

/** The metadata entry that holds the sender's ID. @see polygon-edge@597a0f3 network/identity/identity.go PeerID */
export const PEER_ID_METADATA = 'peerID';
/** A status has less than 200 bytes; metadata and keys are open-ended. */
const MAX_STATUS_BYTES = 4_096;

/** Who says hello. */
export interface OwnIdentity {
  readonly peerId: PeerId;
  readonly chainId: number;
  /** Lower-case 0x hex; undefined while unknown. */
  readonly genesisHash: string | undefined;
}

/** peer = goes into the table; temporary = one of the two wants only a short exchange. */
export type HelloVerdict = 'peer' | 'temporary';

export function helloMethod(protocol: ProtocolId): PeerMethod<Status, Status> {
  return {
    protocol,
    path: '/v1.Identity/Hello',
    encode: (status) => toBinary(StatusSchema, status),
    decode: (bytes) => fromBinary(StatusSchema, bytes),
    maxResponseBytes: MAX_STATUS_BYTES,
  };
}

export function statusOf(own: OwnIdentity, temporaryDial: boolean): Status {
  return create(StatusSchema, {
    metadata: { [PEER_ID_METADATA]: own.peerId },
    chain: BigInt(own.chainId),
    genesis: own.genesisHash ?? '',
    temporaryDial,
  });
}

/**
 * What follows from the answer to our Hello.
 *
 * @param weAreTemporary what our own status said.
 * @throws {NetworkError} NETWORK.CHAIN_MISMATCH | NETWORK.CLAIMED_PEER_ID
 * @see polygon-edge@597a0f3 network/identity/identity.go handleConnected
 * @remarks Differs: the Go client compares the chain ID only. It never sets a genesis hash, so one is compared only when it is there.
 */
export function judgeHello(
  own: OwnIdentity,
  peerId: PeerId,
  reply: Status,
  weAreTemporary: boolean,
): HelloVerdict {
  const mismatch = (theirs: string) =>
    new NetworkError({ code: 'NETWORK.CHAIN_MISMATCH', peerId, ours: own.chainId, theirs });
  if (reply.chain !== BigInt(own.chainId)) throw mismatch(String(reply.chain));
  const genesis = reply.genesis.toLowerCase();
  if (own.genesisHash !== undefined && /^0x[0-9a-f]{64}$/.test(genesis) && genesis !== own.genesisHash) {
    throw mismatch(`${reply.chain} with genesis ${genesis}`);
  }
  const fault = claimedIdFault(peerId, reply);
  if (fault !== undefined) throw fault;
  return weAreTemporary || reply.temporaryDial ? 'temporary' : 'peer';
}

/** NETWORK.CLAIMED_PEER_ID when the status names another peer than the authenticated one, in whatever form; naming none is fine. */
export function claimedIdFault(peerId: PeerId, { metadata }: Status): NetworkError | undefined {
  const claimed = metadata[PEER_ID_METADATA];
  if (claimed === undefined || claimed === '' || claimed === peerId) return undefined;
  const decoded = decodePeerId(claimed);
  if ('bytes' in decoded && peerIdOf(decoded.bytes) === peerId) return undefined;
  return new NetworkError({ code: 'NETWORK.CLAIMED_PEER_ID', peerId, claimed: claimed.slice(0, 128) });
}

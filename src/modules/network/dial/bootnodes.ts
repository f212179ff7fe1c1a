import { errorText } from '../../../common/app-error.js';
import { parsePeerAddress } from '../address/peer-address.js';
import { NetworkError } from '../network.errors.js';
import type { PeerAddress, PeerId } from '../ports/types.js';

export const BOOTNODES = Symbol('BOOTNODES');

/** The bootnodes of the chain, without the node itself and without those that cannot be dialed; one per peer. */
export type Bootnodes = ReadonlyMap<PeerId, PeerAddress>;

/**
 * @param texts Multiaddrs from genesis; undefined when it names none at all.
 * @throws {NetworkError} NETWORK.SETUP_INVALID with the Go client's text
 * @see polygon-edge@597a0f3 network/server.go setupBootnodes
 * @remarks Differs: a bootnode without a transport part, which ends the Go client, is left out.
 */
export function parseBootnodes(texts: readonly string[] | undefined, self: PeerId): Bootnodes {
  if (texts === undefined) throw invalid('no bootnodes specified');
  if (texts.length === 0) throw invalid('minimum 1 bootnode is required');
  const bootnodes = new Map<PeerId, PeerAddress>();
  for (const text of texts) {
    const address = parseBootnode(text);
    if (address.peerId !== self && address.transport !== '') bootnodes.set(address.peerId, address);
  }
  return bootnodes;
}

function parseBootnode(text: string): PeerAddress {
  try {
    return parsePeerAddress(text);
  } catch (error) {
    throw invalid(`failed to parse bootnode ${text.slice(0, 512)}: ${errorText(error)}`, error);
  }
}

function invalid(reason: string, cause?: unknown): NetworkError {
  return new NetworkError(
    { code: 'NETWORK.SETUP_INVALID', reason: `unable to parse bootnode data, ${reason}` },
    cause,
  );
}

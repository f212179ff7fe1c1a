import type { Secrets } from '../config/ports/secrets.port.js';
import { type SealKey, sealKey } from '../modules/blockchain/index.js';

/** What a node signs with. */
export interface NodeKeys {
  /** 32-byte secp256k1 scalar of the libp2p identity. */
  readonly networkKey: Uint8Array;
  /** The validators that may seal; none: the node only follows. */
  readonly validators: readonly SealKey[];
}

/**
 * The keys of a node; one for the network is made when there is none.
 * @throws {ConfigError} CONFIG.KEY_UNREADABLE | CONFIG.KEY_INVALID | CONFIG.KEY_UNWRITABLE
 */
export async function readKeys(secrets: Secrets): Promise<NodeKeys> {
  const networkKey = await secrets.networkKey();
  const validators = await secrets.validators();
  return {
    networkKey: networkKey.reveal(),
    validators: validators.map(({ key, blsKey }) => sealKey(key.reveal(), blsKey?.reveal())),
  };
}

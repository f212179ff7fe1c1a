import { toHex } from '../../common/bytes.js';
import { peerIdOf } from '../../config/secrets/key-text.js';
import type { LocalSecrets } from '../../config/secrets/local-secrets.js';
import { addressOf, blsPublicKey, publicKeyOf, toChecksumAddress } from '../../modules/blockchain/index.js';

/** What may be shown of a node's keys; undefined where there is no key. */
export interface Identity {
  /** With the case of EIP-55. */
  readonly address: string | undefined;
  /** 0x hex. */
  readonly blsPublicKey: string | undefined;
  readonly nodeId: string | undefined;
}

/**
 * Reads the keys of a data folder; makes none.
 * @throws {ConfigError} CONFIG.KEY_UNREADABLE | CONFIG.KEY_INVALID
 */
export async function identityOf(secrets: LocalSecrets): Promise<Identity> {
  const validator = await secrets.read('validator-key');
  const bls = await secrets.read('validator-bls-key');
  const network = await secrets.read('network-key');
  return {
    address: validator && toChecksumAddress(addressOf(publicKeyOf(validator.reveal(), false))),
    blsPublicKey: bls && toHex(blsPublicKey(bls.reveal())),
    nodeId: network && peerIdOf(publicKeyOf(network.reveal(), true)),
  };
}

import type { Secret } from '../secret.js';

/** The node's own keys, 32 bytes each. */
export interface Secrets {
  /**
   * The secp256k1 scalar of the node's libp2p identity; made and kept when there is none.
   * @throws {ConfigError} CONFIG.KEY_UNREADABLE | CONFIG.KEY_INVALID | CONFIG.KEY_UNWRITABLE
   */
  networkKey(): Promise<Secret>;

  /**
   * The secp256k1 scalar that seals blocks, if there is one.
   * @throws {ConfigError} CONFIG.KEY_UNREADABLE | CONFIG.KEY_INVALID
   */
  validatorKey(): Promise<Secret | undefined>;

  /**
   * The BLS12-381 scalar of an IBFT validator, big-endian, if there is one.
   * @throws {ConfigError} CONFIG.KEY_UNREADABLE | CONFIG.KEY_INVALID
   */
  blsKey(): Promise<Secret | undefined>;
}

import type { Secret } from '../secret.js';

/** The keys of one validator. */
export interface ValidatorSecrets {
  /** A secp256k1 scalar. */
  readonly key: Secret;
  /** A BLS12-381 scalar, big-endian. */
  readonly blsKey: Secret | undefined;
}

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
   * All validators whose keys are here: the node's own, and those that `dev` made beside it. In the order of their numbers,
   * up to the first one missing.
   * @throws {ConfigError} CONFIG.KEY_UNREADABLE | CONFIG.KEY_INVALID
   */
  validators(): Promise<readonly ValidatorSecrets[]>;

  /**
   * The BLS12-381 scalar of an IBFT validator, big-endian, if there is one.
   * @throws {ConfigError} CONFIG.KEY_UNREADABLE | CONFIG.KEY_INVALID
   */
  blsKey(): Promise<Secret | undefined>;
}

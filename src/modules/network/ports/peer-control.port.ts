import type { AuditEntry, Ban } from './peer-store.port.js';
import type { PeerAddress, PeerId } from './types.js';

export const PEER_CONTROL = Symbol('PEER_CONTROL');

/** Whose will it is, for the audit. */
export interface OperatorAct {
  /** At most 64 characters, such as `operator`. */
  readonly by: string;
  /** At most 256 characters. */
  readonly reason: string;
}

/**
 * What an operator decides about peers. Every act is audited, and what lasts survives a restart. An act that fails with
 * NETWORK.STORE_FAILED holds all the same, until the program ends.
 */
export interface PeerControl {
  /**
   * Closes the connections and takes it out of the queue. Resolves when that is done.
   * It may come back, as a bootnode does at once; a ban keeps it away.
   * @throws {NetworkError} NETWORK.PINNED when it is a static peer, which would come back at once | NETWORK.STORE_FAILED
   */
  remove(peerId: PeerId, act: OperatorAct): Promise<void>;

  /**
   * Refuses a peer, an IP address or a CIDR, and closes the connections that fall under it.
   * @param ttlMs undefined: until lifted
   * @throws {NetworkError} NETWORK.BAD_BAN_TARGET | NETWORK.LIMIT_REACHED | NETWORK.STORE_FAILED
   */
  ban(target: string, options: OperatorAct & { readonly ttlMs?: number | undefined }): Promise<Ban>;
  /** @returns false when there was no such ban. @throws {NetworkError} NETWORK.BAD_BAN_TARGET | NETWORK.STORE_FAILED */
  unban(target: string, act: OperatorAct): Promise<boolean>;
  /** Those that hold now. */
  bans(): readonly Ban[];
  /** Oldest first, the last 1,000. */
  audit(): readonly AuditEntry[];

  /**
   * A trusted peer gets a reserved slot and is never judged.
   * @returns false when there was no trust to end. @throws {NetworkError} NETWORK.LIMIT_REACHED | NETWORK.STORE_FAILED
   */
  setTrusted(peerId: PeerId, isTrusted: boolean, act: OperatorAct): Promise<boolean>;
  /**
   * A static peer gets a reserved slot and is dialed for as long as it is away.
   * @returns false when it was to be static no more, and was not.
   * @throws {NetworkError} NETWORK.ADDRESS_REFUSED when it is this node or has no transport part | NETWORK.LIMIT_REACHED
   * | NETWORK.STORE_FAILED
   */
  setStatic(address: PeerAddress, isStatic: boolean, act: OperatorAct): Promise<boolean>;
}

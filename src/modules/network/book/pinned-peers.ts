import { type Observable, Subject } from 'rxjs';
import { errorText } from '../../../common/app-error.js';
import type { Logger } from '../../../common/logger.port.js';
import { parsePeerAddress } from '../address/peer-address.js';
import { parsePeerId } from '../address/peer-id.js';
import type { NetworkConfig } from '../network.config.js';
import { NetworkError } from '../network.errors.js';
import type { PeerStore, PinnedPeer, StoredPeers } from '../ports/peer-store.port.js';
import type { PeerAddress, PeerId } from '../ports/types.js';
import { recallPeers } from './recall-peers.js';

/** More than an operator decides; configuration has at most 256 of each kind. */
const MAX_DECIDED = 1_024;

/**
 * Peers of the operator's choice: from configuration, at each start anew, and from what was decided while the node ran,
 * which is stored. Where both say where a static peer is, configuration is right at the start and a decision afterwards.
 */
export class PinnedPeers {
  readonly #configured = new Map<PeerId, PinnedPeer>();
  readonly #decided = new Map<PeerId, PinnedPeer>();
  readonly #changes = new Subject<void>();

  /** Fires after each change; no replay. */
  readonly changed$: Observable<void> = this.#changes.asObservable();

  /**
   * @param config as a user wrote it
   * @throws {NetworkError} NETWORK.SETUP_INVALID when an address or ID is none
   */
  constructor(
    private readonly store: PeerStore,
    private readonly log: Logger,
    config: Pick<NetworkConfig, 'staticPeers' | 'trustedPeers'>,
  ) {
    for (const text of config.trustedPeers) {
      merge(this.#configured, parsed('trustedPeers', text, parsePeerId), { isTrusted: true });
    }
    for (const text of config.staticPeers) {
      const { peerId, transport } = parsed('staticPeers', text, parseStaticPeer);
      merge(this.#configured, peerId, { staticTransport: transport });
    }
  }

  /**
   * Adds what was stored. Never rejects.
   * @param stored what was read already; else the store is read
   */
  async load(stored: StoredPeers | Promise<StoredPeers> = recallPeers(this.store, this.log)): Promise<void> {
    const { pinned } = await stored;
    for (const peer of pinned) merge(this.#decided, peer.peerId, peer);
    this.#changes.next();
  }

  isTrusted(peerId: PeerId): boolean {
    return [this.#configured, this.#decided].some((peers) => peers.get(peerId)?.isTrusted);
  }

  isStatic(peerId: PeerId): boolean {
    return this.#staticTransportOf(peerId) !== undefined;
  }

  /** Trusted or static: it has a reserved slot. */
  isPinned(peerId: PeerId): boolean {
    return this.#configured.has(peerId) || this.#decided.has(peerId);
  }

  /** Static peers and where they are. */
  statics(): readonly PeerAddress[] {
    const peerIds = new Set([...this.#configured.keys(), ...this.#decided.keys()]);
    return [...peerIds].flatMap((peerId) => {
      const transport = this.#staticTransportOf(peerId);
      return transport === undefined ? [] : [{ peerId, transport }];
    });
  }

  /**
   * Holds when this returns, not only when it resolves. A configured peer is trusted again after a restart.
   * @throws {NetworkError} NETWORK.STORE_FAILED: it holds until the program ends; NETWORK.LIMIT_REACHED: it does not hold
   */
  async setTrusted(peerId: PeerId, isTrusted: boolean): Promise<void> {
    await this.#decide(peerId, { isTrusted }, { isTrusted: false });
  }

  /**
   * Holds when this returns, not only when it resolves. An address takes the place of the one before; to end it, any will do.
   * A configured peer is static again after a restart.
   * @throws {NetworkError} NETWORK.STORE_FAILED: it holds until the program ends; NETWORK.LIMIT_REACHED: it does not hold
   */
  async setStatic({ peerId, transport }: PeerAddress, isStatic: boolean): Promise<void> {
    const nowhere = { staticTransport: undefined };
    await this.#decide(peerId, isStatic ? { staticTransport: transport } : nowhere, nowhere);
  }

  /** @param cleared what configuration said of the same trait goes */
  async #decide(peerId: PeerId, decided: Partial<PinnedPeer>, cleared: Partial<PinnedPeer>): Promise<void> {
    const isAdded = decided.isTrusted === true || decided.staticTransport !== undefined;
    if (isAdded && !this.#decided.has(peerId) && this.#decided.size >= MAX_DECIDED) {
      const limit = { resource: 'pinned peers', scope: 'node', limit: MAX_DECIDED };
      throw new NetworkError({ code: 'NETWORK.LIMIT_REACHED', peerId, ...limit });
    }
    merge(this.#configured, peerId, cleared);
    merge(this.#decided, peerId, decided);
    this.#changes.next();
    const peer = this.#decided.get(peerId);
    await this.store.write(peer === undefined ? { unpinned: [peerId] } : { pinned: [peer] });
  }

  #staticTransportOf(peerId: PeerId): string | undefined {
    return this.#configured.get(peerId)?.staticTransport ?? this.#decided.get(peerId)?.staticTransport;
  }
}

/** A peer of which nothing is left to say is not in the map. */
function merge(peers: Map<PeerId, PinnedPeer>, peerId: PeerId, change: Partial<PinnedPeer>): void {
  const peer = { peerId, isTrusted: false, ...peers.get(peerId), ...change };
  if (peer.isTrusted || peer.staticTransport !== undefined) peers.set(peerId, peer);
  else peers.delete(peerId);
}

function parseStaticPeer(text: string): PeerAddress {
  const address = parsePeerAddress(text);
  if (address.transport !== '') return address;
  throw new NetworkError({ code: 'NETWORK.BAD_ADDRESS', address: text, reason: 'it has no transport part' });
}

function parsed<T>(setting: string, text: string, parse: (text: string) => T): T {
  try {
    return parse(text);
  } catch (cause) {
    const reason = `network.${setting}: ${text}: ${errorText(cause)}`;
    throw new NetworkError({ code: 'NETWORK.SETUP_INVALID', reason }, cause);
  }
}

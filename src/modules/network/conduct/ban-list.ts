import { errorFields } from '../../../common/app-error.js';
import type { Clock } from '../../../common/clock.js';
import type { Logger } from '../../../common/logger.port.js';
import { recallPeers } from '../book/recall-peers.js';
import { NetworkError } from '../network.errors.js';
import type { NetworkMetrics } from '../network.metrics.js';
import type { ConnectionFilter } from '../ports/host.port.js';
import type { Ban, BanTarget, PeerStore, StoredPeers } from '../ports/peer-store.port.js';
import type { PeerId } from '../ports/types.js';
import { runEvery } from '../run-every.js';
import { badBanTarget, parseBanTarget, targetName } from './ban-target.js';
import { NetworkBans } from './network-bans.js';

/** Bans held; beyond it those for a low score give way, the oldest first, and then no more are taken. */
const MAX_BANS = 10_000;
const PRUNE_INTERVAL_MS = 60_000;
/** `by` of the bans that nobody asked for. */
export const BANNED_BY_SCORE = 'score';

export interface BanOptions {
  /** undefined: until it is lifted. */
  readonly ttlMs?: number | undefined;
  readonly reason: string;
  readonly by: string;
}

/**
 * Peers and networks that are refused. Memory leads: a ban holds at once, whatever becomes of the store. Times are by the
 * wall clock, so that they go on while the node is down.
 */
export class BanList {
  /** By target, oldest first. */
  readonly #bans = new Map<string, Ban>();
  readonly #networks = new NetworkBans();

  constructor(
    private readonly store: PeerStore,
    private readonly clock: Clock,
    private readonly log: Logger,
    private readonly metrics: Pick<NetworkMetrics, 'bans'>,
  ) {}

  /**
   * Takes in what was stored, before the host starts. Never rejects.
   * @param stored what was read already; else the store is read
   */
  async load(stored: StoredPeers | Promise<StoredPeers> = recallPeers(this.store, this.log)): Promise<void> {
    const { bans } = await stored;
    for (const ban of bans.slice(-MAX_BANS)) this.#put(ban);
    this.metrics.bans(this.#bans.size);
  }

  /** Forgets bans that ran out, every minute until the signal aborts. */
  start(signal: AbortSignal): void {
    const { clock, log } = this;
    void runEvery({ clock, intervalMs: PRUNE_INTERVAL_MS, signal, log }, () => this.#prune());
  }

  /**
   * Bans a peer ID, an IP address or a CIDR; takes the place of a ban of the same target. Holds when this returns, not
   * only when it resolves. Announces nothing.
   * @throws {NetworkError} NETWORK.BAD_BAN_TARGET; NETWORK.LIMIT_REACHED: there are 10,000 bans of operators;
   * NETWORK.STORE_FAILED: it holds until the program ends
   */
  async ban(text: string, { ttlMs, reason, by }: BanOptions): Promise<Ban> {
    const target = parseBanTarget(text);
    if (ttlMs !== undefined && !(Number.isSafeInteger(ttlMs) && ttlMs > 0)) {
      throw badBanTarget(text, 'its time to live must be a whole number of ms above 0');
    }
    const sinceMs = this.clock.nowMs();
    const ban = { target, sinceMs, ...(ttlMs !== undefined && { untilMs: sinceMs + ttlMs }), reason, by };
    const gone = this.#makeRoom(targetName(target));
    this.#put(ban);
    this.metrics.bans(this.#bans.size);
    await this.store.write({ bans: [ban], liftedBans: gone });
    return ban;
  }

  /**
   * @returns what was lifted; undefined when there was no such ban. A peer is not freed from the ban of its network.
   * @throws {NetworkError} NETWORK.BAD_BAN_TARGET; NETWORK.STORE_FAILED: the ban is back after a restart
   */
  async unban(text: string): Promise<BanTarget | undefined> {
    const target = parseBanTarget(text);
    const ban = this.#bans.get(targetName(target));
    if (ban === undefined) return undefined;
    this.#remove(target);
    this.metrics.bans(this.#bans.size);
    await this.store.write({ liftedBans: [target] });
    return this.#holds(ban) ? target : undefined;
  }

  /** Those that hold now, oldest first. */
  list(): readonly Ban[] {
    return [...this.#bans.values()].filter((ban) => this.#holds(ban));
  }

  /** The ban of the peer's ID that holds now. Those of networks say nothing of a peer. */
  banOf(peerId: PeerId): Ban | undefined {
    const ban = this.#bans.get(peerId);
    return ban !== undefined && this.#holds(ban) ? ban : undefined;
  }

  /** Whether the peer or the network of its address is banned. Multiaddrs without an IP address are in no network. */
  readonly isRefused: ConnectionFilter = (remote, peerId) => {
    if (peerId !== undefined && this.banOf(peerId) !== undefined) return true;
    return this.banAround(remote) !== undefined;
  };

  /** A ban that holds now of a network around the address of a multiaddr. */
  banAround(transport: string): Ban | undefined {
    const bans = this.#networks.around(transport).map((cidr) => this.#bans.get(cidr));
    return bans.find((ban) => ban !== undefined && this.#holds(ban));
  }

  #holds({ untilMs }: Ban): boolean {
    return untilMs === undefined || untilMs > this.clock.nowMs();
  }

  async #prune(): Promise<void> {
    const over = [...this.#bans.values()].filter((ban) => !this.#holds(ban)).map(({ target }) => target);
    if (over.length === 0) return;
    for (const target of over) this.#remove(target);
    this.metrics.bans(this.#bans.size);
    try {
      await this.store.write({ liftedBans: over });
    } catch (error) {
      // They are read again at the next start, and are over then too.
      this.log.debug('bans that ran out stay in the store', errorFields(error));
    }
  }

  /** @returns the bans that had to go */
  #makeRoom(name: string): BanTarget[] {
    if (this.#bans.has(name) || this.#bans.size < MAX_BANS) return [];
    for (const old of this.#bans.values()) {
      if (old.by !== BANNED_BY_SCORE && this.#holds(old)) continue;
      this.#remove(old.target);
      return [old.target];
    }
    const limit = { resource: 'bans', scope: 'node', limit: MAX_BANS };
    throw new NetworkError({ code: 'NETWORK.LIMIT_REACHED', peerId: name, ...limit });
  }

  #put(ban: Ban): void {
    this.#remove(ban.target);
    this.#bans.set(targetName(ban.target), ban);
    if (ban.target.kind === 'network') this.#networks.add(ban.target.cidr);
  }

  #remove(target: BanTarget): void {
    if (this.#bans.delete(targetName(target)) && target.kind === 'network')
      this.#networks.remove(target.cidr);
  }
}

import { Inject, Injectable } from '@nestjs/common';
import { errorFields } from '../../../common/app-error.js';
import type { Logger } from '../../../common/logger.port.js';
import { AuditLog } from '../conduct/audit-log.js';
import { BanList } from '../conduct/ban-list.js';
import { NETWORK_LOG } from '../network.log.js';
import { PEER_STORE, type PeerStore } from '../ports/peer-store.port.js';
import { PeerBook } from './peer-book.js';
import { PinnedPeers } from './pinned-peers.js';
import { recallPeers } from './recall-peers.js';

/** Brings back what an earlier run knew of peers, and sees to it that the next one can. */
@Injectable()
export class PeerMemory {
  readonly #stop = new AbortController();

  constructor(
    @Inject(PEER_STORE) private readonly store: PeerStore,
    private readonly book: PeerBook,
    private readonly pinned: PinnedPeers,
    private readonly bans: BanList,
    private readonly audit: AuditLog,
    @Inject(NETWORK_LOG) private readonly log: Logger,
  ) {}

  /** Reads the store once, before anything connects. Never rejects: a node works without a memory too. */
  async load(): Promise<void> {
    const stored = await recallPeers(this.store, this.log);
    await Promise.all([this.book, this.pinned, this.bans, this.audit].map((part) => part.load(stored)));
  }

  start(): void {
    this.book.start(this.#stop.signal);
    this.bans.start(this.#stop.signal);
  }

  /** Writes what is left and closes the store. Never rejects. */
  async stop(): Promise<void> {
    this.#stop.abort();
    await this.book.flush();
    try {
      await this.store.close();
    } catch (error) {
      this.log.warn('the peer store did not close well', errorFields(error));
    }
  }
}

import { Inject, Injectable } from '@nestjs/common';
import type { Observable } from 'rxjs';
import { PeerBook } from '../book/peer-book.js';
import { PinnedPeers } from '../book/pinned-peers.js';
import { PeerTable } from '../peers/peer-table.js';
import type { PeerAddress, PeerId } from '../ports/types.js';
import { BOOTNODES, type Bootnodes } from './bootnodes.js';

/** Earlier peers that are tried at once when no peer is left. */
const MAX_EARLIER_PEERS = 64;

/** Whom we want to be connected with, found by discovery or not. */
@Injectable()
export class KeptPeers {
  constructor(
    @Inject(BOOTNODES) private readonly bootnodes: Bootnodes,
    private readonly pinned: PinnedPeers,
    private readonly book: PeerBook,
    private readonly table: PeerTable,
  ) {}

  /** When `always` may give something else. */
  get changed$(): Observable<void> {
    return this.pinned.changed$;
  }

  /** Whether the chain or the operator named it. */
  isNamed(peerId: PeerId): boolean {
    return this.bootnodes.has(peerId) || this.pinned.isPinned(peerId);
  }

  /** The bootnodes and the static peers; where a peer is both, the operator knows better where it is. */
  always(): readonly PeerAddress[] {
    const statics = this.pinned.statics();
    const ids = new Set(statics.map(({ peerId }) => peerId));
    return [...statics, ...[...this.bootnodes.values()].filter(({ peerId }) => !ids.has(peerId))];
  }

  /** Those that were well once, the latest first, while no peer is left; else nobody. */
  whenAlone(): readonly PeerAddress[] {
    return this.table.size > 0 ? [] : this.book.knownGood().slice(0, MAX_EARLIER_PEERS);
  }
}

import { Inject, Injectable } from '@nestjs/common';
import { CHAIN, CHAIN_WRITER, type Chain, type ChainWriter, type Vote } from '../blockchain/index.js';
import { NetworkError, type PeerId } from '../network/index.js';
import { InsertQueue } from './insert-queue.js';
import { PeerConduct } from './peer-conduct.js';
import { RangeBook } from './range-book.js';
import { SyncError } from './sync.errors.js';
import { isSameVote, VoteCopies } from './vote-copies.js';

/** Vote blocks that are compared in one inquiry, the newest. */
const MAX_SUSPECTS = 64;
/** Peers that are asked at a time. */
const ASKED_AT_ONCE = 8;

/** A block that the set of validators cannot explain, unless a vote before it was turned on its way to us. */
export interface Unexplained {
  readonly number: number;
  readonly suspects: readonly number[];
}

interface Differing {
  readonly witness: PeerId;
  /** At which its vote is another than ours. */
  readonly heights: readonly number[];
}

/** The chain is taken again from where a peer's copy differs. When it gets past `number`, that copy was the right one. */
interface Trial {
  readonly number: number;
  readonly witness: PeerId;
  /** The lowest height at which the witness differs. */
  readonly height: number;
  /** Against those who gave the other copies. */
  readonly charges: ReadonlyMap<PeerId, SyncError>;
}

/**
 * Finds out who turned a vote around, which breaks no hash and no seal, only the set of validators that follows: asks
 * peers for their copies, and tries the one that differs.
 */
@Injectable()
export class VoteDisputes {
  /** Peers whose block could not be explained, and what stands against them if no vote was turned. */
  readonly #complainants = new Map<PeerId, SyncError>();
  /** Witnesses whose copy was tried, for one block. */
  #tried = { number: -1, peers: new Set<PeerId>() };
  #isInquiring = false;
  #trial: Trial | undefined;

  constructor(
    private readonly copies: VoteCopies,
    private readonly book: RangeBook,
    private readonly inserts: InsertQueue,
    private readonly conduct: PeerConduct,
    @Inject(CHAIN) private readonly chain: Chain,
    @Inject(CHAIN_WRITER) private readonly writer: ChainWriter,
  ) {}

  /**
   * A peer gave a block that cannot be explained; it is set aside until it is known why. Rejects when our store fails.
   * @param error What is held against the peer if no vote was turned.
   */
  async complain(
    peerId: PeerId,
    error: SyncError,
    unexplained: Unexplained,
    signal: AbortSignal,
  ): Promise<void> {
    const trial = this.#trial;
    if (trial?.witness === peerId) {
      this.#endTrial();
      this.conduct.blame(peerId, alteredVote(peerId, trial.height, unexplained.number));
    } else {
      this.conduct.setAside(peerId);
      this.#complainants.set(peerId, error);
    }
    if (this.#isInquiring) return;
    this.#isInquiring = true;
    try {
      await this.#inquire(unexplained, signal);
    } catch (error) {
      this.#isInquiring = false;
      this.#tried.peers.clear();
      this.#releaseComplainants();
      throw error;
    }
  }

  /** Peers agree on another copy than ours of a block at our head: it is fetched again, from `witness`. */
  outvoted(height: number, supplier: PeerId, witness: PeerId): Promise<void> {
    return this.inserts.alone(async () => {
      if (this.#trial !== undefined || this.#isInquiring || this.copies.supplierOf(height) !== supplier)
        return;
      const charge = new SyncError({ code: 'SYNC.VOTE_OUTVOTED', peerId: supplier, height });
      await this.#try({ number: height, witness, height, charges: new Map([[supplier, charge]]) });
    });
  }

  /** Our head is at `height`. */
  reached(height: number): void {
    const trial = this.#trial;
    if (trial === undefined || height < trial.number) return;
    this.#endTrial();
    for (const [peerId, charge] of trial.charges)
      if (peerId !== trial.witness) this.conduct.blame(peerId, charge);
  }

  /** The peer failed otherwise, or may have left: a trial that rests on it ends without a verdict. */
  failed(peerId: PeerId): void {
    if (this.#trial?.witness !== peerId) return;
    // It may be tried again.
    this.#tried.peers.delete(peerId);
    this.#endTrial();
  }

  /** Ends a trial whose witness cannot be asked any more. */
  review(): void {
    const witness = this.#trial?.witness;
    if (witness === undefined) return;
    if (!this.conduct.usable(this.book.floor).some(({ peerId }) => peerId === witness)) this.failed(witness);
  }

  /** Ends with a trial, or with blame for those that complained. */
  async #inquire({ number, suspects }: Unexplained, signal: AbortSignal): Promise<void> {
    if (this.#tried.number !== number) this.#tried = { number, peers: new Set() };
    const newest = [...suspects].sort((a, b) => b - a).slice(0, MAX_SUSPECTS);
    const ours: Vote[] = [];
    for (const height of newest) {
      const vote = await this.copies.ours(height);
      if (vote !== undefined) ours.push(vote);
    }
    const asked = new Set(this.#tried.peers);
    while (!signal.aborted) {
      // Others may have come, or complained, while the last were asked.
      const group = this.#witnesses(Math.min(...newest), asked);
      if (group.length === 0) return this.#blameComplainants();
      for (const peerId of group) asked.add(peerId);
      const found = await this.#firstDiffering(group, ours, signal);
      if (found === undefined || signal.aborted) continue;
      this.#tried.peers.add(found.witness);
      return this.#tryCopy(number, found);
    }
  }

  /** Those that complain first: they have a chain that explains their block. */
  #witnesses(height: number, asked: ReadonlySet<PeerId>): readonly PeerId[] {
    const others = this.conduct.usable(height).map(({ peerId }) => peerId);
    const all = [...this.#complainants.keys(), ...others];
    return all.filter((peerId) => !asked.has(peerId)).slice(0, ASKED_AT_ONCE);
  }

  async #firstDiffering(
    peers: readonly PeerId[],
    ours: readonly Vote[],
    signal: AbortSignal,
  ): Promise<Differing | undefined> {
    const enough = new AbortController();
    const either = AbortSignal.any([signal, enough.signal]);
    let found: Differing | undefined;
    const ask = async (witness: PeerId) => {
      const heights = await this.#differing(witness, ours, either);
      if (heights.length === 0 || found !== undefined) return;
      found = { witness, heights };
      enough.abort();
    };
    await Promise.all(peers.map(ask));
    return found;
  }

  /** Heights at which the peer's vote is another than ours. A peer that does not answer is no witness. */
  async #differing(peerId: PeerId, ours: readonly Vote[], signal: AbortSignal): Promise<readonly number[]> {
    const heights: number[] = [];
    try {
      for (const vote of ours) {
        const theirs = await this.copies.of(peerId, vote, signal);
        if (theirs !== undefined && !isSameVote(vote, theirs)) heights.push(vote.number);
      }
      return heights;
    } catch (error) {
      if (error instanceof NetworkError) return [];
      throw error;
    }
  }

  #tryCopy(number: number, { witness, heights }: Differing): Promise<void> {
    return this.inserts.alone(async () => {
      // Somebody's blocks got past it in the meantime.
      if ((this.chain.head()?.number ?? -1) >= number) return this.#blameComplainants();
      const charges = new Map<PeerId, SyncError>();
      for (const height of heights) {
        const supplier = this.copies.supplierOf(height);
        if (supplier !== undefined) charges.set(supplier, alteredVote(supplier, height, number));
      }
      await this.#try({ number, witness, height: Math.min(...heights), charges });
    });
  }

  async #try(trial: Trial): Promise<void> {
    const { witness, height, number } = trial;
    await this.writer.rewind(height - 1);
    this.copies.forgetAbove(height - 1);
    // Their blocks may be good, and they may be faster than the witness.
    this.#isInquiring = false;
    this.#releaseComplainants();
    this.#trial = trial;
    this.book.pin(witness, Math.min(number, this.conduct.claimOf(witness)));
    this.book.moveFloor(height);
  }

  #endTrial(): void {
    this.#trial = undefined;
    this.book.unpin();
  }

  #blameComplainants(): void {
    const complainants = [...this.#complainants];
    this.#isInquiring = false;
    this.#tried.peers.clear();
    this.#releaseComplainants();
    for (const [peerId, error] of complainants) this.conduct.blame(peerId, error);
  }

  #releaseComplainants(): void {
    for (const peerId of this.#complainants.keys()) this.conduct.release(peerId);
    this.#complainants.clear();
  }
}

function alteredVote(peerId: PeerId, height: number, number: number): SyncError {
  return new SyncError({ code: 'SYNC.ALTERED_VOTE', peerId, height, number });
}

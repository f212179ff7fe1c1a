import { Inject, Injectable } from '@nestjs/common';
import { bytesEqual } from '../../common/bytes.js';
import { CHAIN, type Chain, type Vote } from '../blockchain/index.js';
import type { PeerId } from '../network/index.js';
import { SyncPeerClient } from './sync-peer.client.js';

export const READ_VOTE = Symbol('READ_VOTE');

/** `readVote` of the blockchain module. */
export type ReadVote = (raw: Uint8Array) => Vote | undefined;

/** Spans of heights whose supplier is remembered. */
const MAX_SPANS = 4_096;

interface Span {
  readonly peerId: PeerId;
  readonly from: number;
  to: number;
}

/** Copies of vote blocks: ours, with who gave it, and those of peers. Only the vote is compared: honest nodes hold different seals. */
@Injectable()
export class VoteCopies {
  /** By height, oldest first. */
  #spans: Span[] = [];

  constructor(
    private readonly client: SyncPeerClient,
    @Inject(CHAIN) private readonly chain: Chain,
    @Inject(READ_VOTE) readonly read: ReadVote,
  ) {}

  /** A peer gave these heights, which are stored now. */
  record(peerId: PeerId, from: number, to: number): void {
    const last = this.#spans.at(-1);
    if (last?.peerId === peerId && last.to + 1 === from) last.to = to;
    else this.#spans.push({ peerId, from, to });
    if (this.#spans.length > MAX_SPANS) this.#spans.shift();
  }

  /** All above `height` is not stored any more. */
  forgetAbove(height: number): void {
    this.#spans = this.#spans.filter(({ from }) => from <= height);
    const last = this.#spans.at(-1);
    if (last !== undefined) last.to = Math.min(last.to, height);
  }

  /** Who gave the block that we hold; undefined when that is long ago. */
  supplierOf(height: number): PeerId | undefined {
    return this.#spans.findLast(({ from, to }) => from <= height && height <= to)?.peerId;
  }

  /** The vote in the block that we hold. */
  async ours(height: number): Promise<Vote | undefined> {
    const raw = await this.chain.rawBlock(height);
    return raw && this.read(raw);
  }

  /**
   * The vote in a peer's copy of a block that has a vote here; undefined when the peer gives no such block.
   * @throws {NetworkError}
   */
  async of(peerId: PeerId, ours: Vote, signal: AbortSignal): Promise<Vote | undefined> {
    const raw = await this.client.getBlock(peerId, ours.number, signal);
    const theirs = raw && this.read(raw);
    const isSameBlock = theirs?.number === ours.number && bytesEqual(theirs.candidate, ours.candidate);
    return isSameBlock ? theirs : undefined;
  }
}

/** Whether two copies of one block say the same. */
export function isSameVote(a: Vote, b: Vote): boolean {
  return bytesEqual(a.nonce, b.nonce);
}

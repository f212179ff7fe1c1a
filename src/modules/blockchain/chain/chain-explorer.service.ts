import { setImmediate as nextTurn } from 'node:timers/promises';
import { Inject, Injectable } from '@nestjs/common';
import { BlockchainError } from '../blockchain.errors.js';
import { decodeBlock } from '../codec/block.codec.js';
import { decodeTransaction, transactionHash } from '../codec/transaction.codec.js';
import { recoverSender } from '../codec/transaction-sender.js';
import type { ChainConfig } from '../genesis/chain-config.js';
import { BLOCK_STORE, type BlockStore } from '../ports/block-store.port.js';
import { CHAIN, type Chain } from '../ports/chain.port.js';
import type {
  BlockPlace,
  ChainExplorer,
  FoundBlock,
  KnownSet,
  ProofWish,
  SetSource,
  TransactionFacts,
} from '../ports/chain-explorer.port.js';
import { type BlockSeals, CONSENSUS, type Consensus } from '../ports/consensus.port.js';
import type { Block } from '../ports/types.js';
import { buildHeaderProof } from '../proofs/build-header-proof.js';
import { buildTransactionProof } from '../proofs/build-transaction-proof.js';
import { proofSource } from '../proofs/proof-source.js';
import { storedState } from './stored-tip.js';

/** Senders recovered before others get their turn; a few milliseconds. */
const SENDERS_A_TURN = 32;

/** The genesis file of the chain, as the module was given it. */
export const CHAIN_CONFIG = Symbol('CHAIN_CONFIG');

/** Answers about single blocks from the store, past the chain's own work. */
@Injectable()
export class ChainExplorerService implements ChainExplorer {
  constructor(
    @Inject(CHAIN) private readonly chain: Chain,
    @Inject(BLOCK_STORE) private readonly store: BlockStore,
    @Inject(CONSENSUS) private readonly consensus: Consensus,
    @Inject(CHAIN_CONFIG) private readonly config: ChainConfig,
  ) {}

  async find(place: BlockPlace): Promise<FoundBlock | undefined> {
    if (typeof place !== 'number') return this.#findByHash(place);
    this.#assertKept(place);
    const raw = await this.store.rawBlock(place);
    if (raw === undefined) return undefined;
    const block = decodeBlock(raw);
    return { number: place, hash: this.consensus.headerHash(block.header), block, isCanonical: true };
  }

  async seals({ number, hash, block: { header }, isCanonical }: FoundBlock): Promise<BlockSeals | undefined> {
    const set = isCanonical ? await this.chain.validatorsAt(number) : undefined;
    return this.consensus.seals({ header, hash }, set);
  }

  async transactionFacts({ header, transactions }: Block): Promise<readonly TransactionFacts[]> {
    const { chainId, forks } = this.config;
    const rules = { hashWithType: forks.isActive('txHashWithType', header.number) };
    const facts: TransactionFacts[] = [];
    for (const raw of transactions) {
      if (facts.length % SENDERS_A_TURN === SENDERS_A_TURN - 1) await nextTurn();
      facts.push({
        hash: transactionHash(raw, rules),
        sender: recoverSender(decodeTransaction(raw), chainId),
      });
    }
    return facts;
  }

  async validatorsAt(number: number): Promise<KnownSet | undefined> {
    if (number > (this.chain.head()?.number ?? -1) + 1) return undefined;
    this.#assertKept(number);
    const validators = await this.chain.validatorsAt(number);
    return validators && { validators, source: await this.#sourceOf(number) };
  }

  async prove({ number, from, index }: ProofWish): Promise<string> {
    const source = proofSource(this.store);
    const proof =
      index === undefined
        ? await buildHeaderProof(source, this.config, number, { from })
        : await buildTransactionProof(source, this.config, { number, index }, { from });
    return JSON.stringify(proof);
  }

  async #findByHash(hash: Uint8Array): Promise<FoundBlock | undefined> {
    const number = await this.store.numberByHash(hash);
    if (number !== undefined) {
      this.#assertKept(number);
      const raw = await this.store.rawBlock(number);
      return raw && { number, hash, block: decodeBlock(raw), isCanonical: true };
    }
    const removed = await this.store.removedBlock(hash);
    return removed && { number: removed.number, hash, block: decodeBlock(removed.raw), isCanonical: false };
  }

  #assertKept(number: number): void {
    const { tail } = this.chain.info();
    if (number > 0 && number < tail) throw new BlockchainError({ code: 'BLOCKCHAIN.PRUNED', number, tail });
  }

  /** By what was known before the block; at the tail by what was known after it. */
  async #sourceOf(number: number): Promise<SetSource> {
    const { engine } = this.consensus;
    if (engine !== 'ibft' && engine !== 'polybft') return 'none';
    const before = Math.max(0, number - 1);
    const record = (await this.store.stateAt(before)) ?? (await this.store.stateAt(number));
    if (record === undefined || record.number === 0) return 'genesis';
    const { anchor } = this.chain.info();
    if (anchor.kind === 'checkpoint' && record.number === anchor.number) return 'checkpoint';
    if (engine === 'polybft') return 'set deltas';
    const state = await storedState(this.store, this.consensus, record.number);
    return state !== undefined && state.trustedSets > 0 ? 'trusted epoch' : 'replayed votes';
  }
}

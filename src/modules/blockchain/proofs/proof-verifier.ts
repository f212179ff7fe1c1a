import { bytesEqual, fromHex, toHex } from '../../../common/bytes.js';
import { BlockchainError } from '../blockchain.errors.js';
import { createConsensus } from '../consensus/create-consensus.js';
import type { ChainConfig } from '../genesis/chain-config.js';
import { parseGenesis } from '../genesis/parse-genesis.js';
import type { Anomaly, Consensus, EngineState, HashedHeader } from '../ports/consensus.port.js';
import type { Rule } from '../ports/rules.js';
import { provenValue } from '../trie/proven-value.js';
import { followHeaders, readHashed } from './header-chain.js';
import { omittedIn } from './omissions.js';
import type { VerifiedHeader, VerifiedTransaction, Verifier, VerifierOptions } from './proof.types.js';
import { type ProofStart, startAtCheckpoint, startAtGenesis } from './proof-start.js';
import { MAX_PROOF_HEADERS, readHeaderProof, readTransactionProof } from './read-proof.js';
import { verifiedHeader } from './verified-header.js';
import { verifiedTransaction } from './verified-transaction.js';

/** That a header names another set than the one that was followed: something was left out, or votes were turned. */
const SET_RULES: readonly Rule[] = ['ibft.claimed-set', 'polybft.current-set-hash', 'polybft.next-set-hash'];

/** Where a proof has led to so far. */
interface Position extends HashedHeader {
  readonly state: EngineState;
  readonly anomalies: readonly (Anomaly & { readonly number: number })[];
  /** Headers verified. */
  readonly count: number;
}

/** Verifies proofs with the consensus code of the node, from nothing but what its options say. */
export class ProofVerifier implements Verifier {
  private readonly config: ChainConfig;
  private readonly consensus: Consensus;
  private readonly start: ProofStart;
  private readonly options: VerifierOptions;

  /** @throws {BlockchainError} BLOCKCHAIN.GENESIS_INVALID | BLOCKCHAIN.PROOF_INVALID for options with which nothing can be proved */
  static async create(options: VerifierOptions): Promise<ProofVerifier> {
    const config = parseGenesis(options.genesis);
    const consensus = createConsensus(config);
    if (!consensus.isFinal) throw refused(`blocks of the engine ${consensus.engine} are not sealed`);
    await consensus.prepare();
    return new ProofVerifier(options, config, consensus);
  }

  private constructor(options: VerifierOptions, config: ChainConfig, consensus: Consensus) {
    this.options = options;
    this.config = config;
    this.consensus = consensus;
    this.start =
      options.checkpoint === undefined
        ? startAtGenesis(config, consensus)
        : startAtCheckpoint(options.checkpoint, consensus);
  }

  /** @throws {BlockchainError} what is wrong with the proof, or with a header of it */
  verifyHeaderProof(proof: unknown): VerifiedHeader {
    const { chainId, segments } = readHeaderProof(proof, this.options.maxHeaders ?? MAX_PROOF_HEADERS);
    if (chainId !== this.config.chainId) {
      throw refused(`it is of chain ${chainId}, not ${this.config.chainId}`);
    }
    const [first = [], ...others] = segments.map((part) =>
      part.map((rlp) => readHashed(rlp, this.consensus)),
    );
    const isFull = others.length === 0;
    const begin = this.begin(first[0]);
    let position = this.follow(first, begin, isFull);
    for (const part of others) position = this.follow(part, this.skip(position, part), isFull);
    if (position.count === 0 && !this.start.hasHash) throw refused('nothing says which block 0 it is', 0);
    return verifiedHeader({
      ...position,
      chainId,
      isFull,
      startNumber: this.start.number,
      trustedSets: position.state.trustedSets - begin.state.trustedSets,
    });
  }

  /** @throws {BlockchainError} what is wrong with the proof, or with its header's */
  verifyTransactionProof(proof: unknown, known?: VerifiedHeader): VerifiedTransaction {
    const { header: given, index, nodes } = readTransactionProof(proof);
    const header = given instanceof Uint8Array ? named(given, known) : this.verifyHeaderProof(given);
    const value = provenValue(fromHex(header.fields.txRoot) ?? new Uint8Array(), index, nodes);
    if (value === undefined) {
      throw refused('its nodes do not lead from the root to the transaction', header.number);
    }
    return verifiedTransaction(value, { config: this.config, header, index });
  }

  private begin(block: HashedHeader | undefined): Position {
    if (block === undefined) throw refused('it has no headers');
    const { number } = block.header;
    if (number !== this.start.number) {
      throw refused(`it starts from block ${number}, not ${this.start.number}`, number);
    }
    return { ...block, state: this.start.stateAfter(block), anomalies: [], count: 0 };
  }

  /** Goes over the blocks up to and with `parent`, which the proof says change nothing. */
  private skip(position: Position, [parent, child]: readonly HashedHeader[]): Position {
    if (parent === undefined || child === undefined) throw refused('a part of it has no more than a parent');
    const skipped = { from: position.header.number + 1, to: parent.header.number };
    if (skipped.to <= skipped.from) throw refused('its parts are not in order, or touch', skipped.to);
    const omitted = omittedIn(this.config.engine, position.state, skipped);
    if (omitted !== undefined) throw refused(`it leaves out ${omitted}`, skipped.to);
    return { ...position, ...parent };
  }

  private follow([, ...headers]: readonly HashedHeader[], from: Position, isFull: boolean): Position {
    let position = from;
    for (const { anomalies, ...followed } of followHeaders(this.consensus, from, headers, from.state)) {
      const { number } = followed.header;
      const isLast = followed.header === headers.at(-1)?.header;
      for (const anomaly of anomalies) this.tolerate(anomaly, number, isFull && !isLast);
      position = {
        ...followed,
        anomalies: [...position.anomalies, ...anomalies.map((anomaly) => ({ ...anomaly, number }))],
        count: position.count + 1,
      };
    }
    this.refuseTrustedSets(position, from);
    return position;
  }

  /** @param isBetween Whether headers that follow, one after the other, would show that the set is wrong. */
  private tolerate({ rule, reason }: Anomaly, number: number, isBetween: boolean): void {
    if (this.options.strict || (SET_RULES.includes(rule) && !isBetween)) {
      throw new BlockchainError({ code: 'BLOCKCHAIN.ANOMALY', number, rule, reason });
    }
  }

  private refuseTrustedSets({ state, header: { number } }: Position, from: Position): void {
    const trustedSets = state.trustedSets - from.state.trustedSets;
    if (trustedSets === 0 || this.options.acceptTrustedSets) return;
    throw new BlockchainError({ code: 'BLOCKCHAIN.SETS_NOT_PROVED', number, trustedSets });
  }
}

function named(hash: Uint8Array, header: VerifiedHeader | undefined): VerifiedHeader {
  if (header !== undefined && bytesEqual(hash, fromHex(header.hash) ?? new Uint8Array())) return header;
  throw refused(`it names the block ${toHex(hash)}, which was not given`);
}

function refused(reason: string, number?: number): BlockchainError {
  return new BlockchainError({
    code: 'BLOCKCHAIN.PROOF_INVALID',
    ...(number === undefined ? {} : { number }),
    reason,
  });
}

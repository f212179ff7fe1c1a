import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { bytesEqual } from '../../../common/bytes.js';
import type { Clock } from '../../../common/clock.js';
import type { Logger } from '../../../common/logger.port.js';
import { osErrorText } from '../../../common/os-error.js';
import { openBlockStore } from '../adapters/open-block-store.js';
import type { Checkpoint } from '../archive/checkpoint-file.js';
import { inBatches } from '../archive/in-batches.js';
import { openArchive } from '../archive/open-archive.js';
import type { BlockchainConfig } from '../blockchain.config.js';
import { BlockchainError } from '../blockchain.errors.js';
import { decodeBlock, rawHeaderOf } from '../codec/block.codec.js';
import { createConsensus } from '../consensus/create-consensus.js';
import type { ChainConfig } from '../genesis/chain-config.js';
import { genesisHeader } from '../genesis/genesis-header.js';
import type { BlockStore } from '../ports/block-store.port.js';
import type { Consensus } from '../ports/consensus.port.js';
import type { Rule } from '../ports/rules.js';
import { createExaminer } from '../verification/create-examiner.js';
import { damagedBlocks } from './damaged-blocks.js';
import { loadAnchor } from './load-anchor.js';
import { storedTip } from './stored-tip.js';
import type { Tip } from './tip.js';
import { verifyBlocks } from './verify-blocks.js';
import { VerifyCounts } from './verify-counts.js';

const BATCH = { maxBlocks: 128, maxBytes: 16 * 1_024 * 1_024 };
const READ = { maxCount: 128, maxBytes: 4 * 1_024 * 1_024 };

export interface VerifyOptions {
  readonly chain: ChainConfig;
  readonly config: BlockchainConfig;
  readonly clock: Clock;
  readonly log: Logger;
  /** Called after each batch with the last good height. */
  readonly onProgress?: (height: number) => void;
}

export interface VerifyFault {
  readonly code: string;
  /** The block; undefined where none can be named. */
  readonly number: number | undefined;
  readonly rule: Rule | undefined;
  readonly reason: string;
}

/** What was verified, and how it ended. */
export interface VerifyReport {
  readonly verification: string;
  /** First and last good block; undefined when there is none. */
  readonly from: number | undefined;
  readonly to: number | undefined;
  readonly hash: Uint8Array | undefined;
  readonly blocks: number;
  readonly transactions: number;
  readonly bytes: number;
  /** Blocks after which the engine knew something else, such as another validator set. */
  readonly stateChanges: number;
  readonly validators: number;
  readonly trustedSets: number;
  /** Whether the first block and the state after it were taken as a pruned store has them. */
  readonly startsOnTrust: boolean;
  readonly anomalies: ReadonlyMap<Rule, number>;
  /** Heights of a store that cannot be read; the first of them. */
  readonly damaged: readonly number[];
  readonly fault: VerifyFault | undefined;
  /** Of the last good block; undefined where there is none, or its chain's genesis is not known. */
  readonly checkpoint: Checkpoint | undefined;
  readonly durationMs: number;
}

/** What is to be verified. */
interface Source {
  readonly batches: AsyncIterable<readonly Uint8Array[]>;
  readonly damaged: readonly number[];
  /** A block that is taken as it is. */
  readonly trusted: Tip | undefined;
  readonly genesisHash: Uint8Array | undefined;
}

/** Verifies an archive of either format. @throws {BlockchainError} BLOCKCHAIN.ARCHIVE_INVALID when it cannot be opened */
export async function verifyArchive(path: string, options: VerifyOptions): Promise<VerifyReport> {
  const archive = await openArchive(path);
  try {
    const batches = inBatches(archive.blocks, BATCH);
    const consensus = createConsensus(options.chain);
    return await verifyAll(
      { batches, damaged: [], trusted: undefined, genesisHash: undefined },
      consensus,
      options,
    );
  } finally {
    await archive.close();
  }
}

/**
 * Verifies the store of a data folder: that each block can be read and is found by number and hash, and all the rules. One
 * that is too damaged to be opened is a fault without blocks.
 * @throws {BlockchainError} BLOCKCHAIN.STORE_LOCKED while a node runs on it, BLOCKCHAIN.STORE_FAILED when there is none
 */
export async function verifyStore(dataDir: string, options: VerifyOptions): Promise<VerifyReport> {
  const path = join(dataDir, 'edgekeeper', 'blocks');
  const consensus = createConsensus(options.chain);
  await assertStored(path);
  let store: BlockStore | undefined;
  try {
    store = await openBlockStore({ kind: options.config.store, path, log: options.log });
    return await verifyAll(await sourceOf(store, consensus), consensus, options);
  } catch (error) {
    if (store !== undefined || !isCorrupt(error)) throw error;
    const nothing = { damaged: [], trusted: undefined, genesisHash: undefined };
    return await verifyAll({ ...nothing, batches: failing(error) }, consensus, options);
  } finally {
    await store?.close();
  }
}

/** Opening would make a store where there is none. */
async function assertStored(path: string): Promise<void> {
  const names = await readdir(path).catch((cause: unknown) => {
    throw new BlockchainError(
      { code: 'BLOCKCHAIN.STORE_FAILED', reason: `${path}: ${osErrorText(cause)}` },
      cause,
    );
  });
  if (names.length > 0) return;
  throw new BlockchainError({ code: 'BLOCKCHAIN.STORE_FAILED', reason: `${path}: there is no store` });
}

async function sourceOf(store: BlockStore, consensus: Consensus): Promise<Source> {
  const damaged = await damagedBlocks(store);
  const tail = await store.tail();
  const readable = (number: number) => !damaged.includes(number);
  return {
    batches: storedBatches(store, damaged.find((number) => number >= tail) ?? Number.POSITIVE_INFINITY),
    damaged,
    trusted: tail > 0 && readable(tail) ? await trustedTip(store, consensus, tail) : undefined,
    genesisHash: readable(0) ? await store.hashByNumber(0) : undefined,
  };
}

/** The oldest block of a pruned store, with what it says the engine knew then. */
async function trustedTip(store: BlockStore, consensus: Consensus, tail: number): Promise<Tip | undefined> {
  const tip = await storedTip(store, consensus, tail);
  if (tip === undefined) return undefined;
  const isItself = bytesEqual(consensus.headerHash(decodeBlock(tip.raw).header), tip.hash);
  return isItself ? tip : undefined;
}

async function verifyAll(
  { batches, damaged, trusted, genesisHash }: Source,
  consensus: Consensus,
  { chain, config, clock, log, onProgress }: VerifyOptions,
): Promise<VerifyReport> {
  await consensus.prepare();
  const anchor = await loadAnchor(config.checkpoint, chain, consensus);
  const examiner = createExaminer({ config, chain, consensus, log });
  const startedMs = clock.monotonicMs();
  const counts = new VerifyCounts(onProgress);
  try {
    const { tip, failure } = await verifyBlocks(counts.watch(batches), {
      ...{ config: chain, consensus, examiner, anchor, trusted },
      maxBlockBytes: config.maxBlockBytes,
      isStrict: config.strict,
      nowMs: () => clock.nowMs(),
      onJudged: (judged) => counts.add(judged),
    }).catch((cause: unknown) => ({ tip: counts.tip, failure: asFault(cause) }));
    const [firstDamaged] = damaged;
    const seen = counts.report(tip !== undefined);
    return {
      ...seen,
      verification: consensus.verification,
      to: tip?.number,
      hash: tip?.hash,
      validators: tip?.state.validators.length ?? 0,
      trustedSets: tip?.state.trustedSets ?? 0,
      startsOnTrust: seen.from !== undefined && seen.from === trusted?.number && seen.from !== anchor?.number,
      damaged,
      fault: faultOf(failure) ?? (firstDamaged === undefined ? undefined : damageFault(firstDamaged)),
      checkpoint:
        tip && checkpointOf(tip, chain, genesisHash ?? genesisHashOf(counts.first, chain, consensus)),
      durationMs: clock.monotonicMs() - startedMs,
    };
  } finally {
    await examiner.close();
  }
}

function checkpointOf(
  { number, hash, raw, state }: Tip,
  { chainId }: ChainConfig,
  genesisHash: Uint8Array | undefined,
): Checkpoint | undefined {
  if (genesisHash === undefined) return undefined;
  return { chainId, genesisHash, number, hash, header: rawHeaderOf(raw), state: state.encoded };
}

/** Of block 0 where it is the first one, otherwise as far as the genesis file tells it. */
function genesisHashOf(
  first: Uint8Array | undefined,
  chain: ChainConfig,
  consensus: Consensus,
): Uint8Array | undefined {
  const header = first && decodeBlock(first).header;
  const genesis = header?.number === 0 ? header : genesisHeader(chain)?.header;
  return genesis && consensus.headerHash(genesis);
}

async function* storedBatches(store: BlockStore, end: number): AsyncGenerator<readonly Uint8Array[]> {
  for (let from = await store.tail(); from < end; ) {
    const raws = await store.rawBlocks(from, { ...READ, maxCount: Math.min(READ.maxCount, end - from) });
    if (raws.length === 0) return;
    yield raws;
    from += raws.length;
  }
}

// biome-ignore lint/correctness/useYield: it has nothing to give but the failure.
async function* failing(error: unknown): AsyncGenerator<readonly Uint8Array[]> {
  throw error;
}

function isCorrupt(error: unknown): error is BlockchainError {
  return error instanceof BlockchainError && error.code === 'BLOCKCHAIN.STORE_CORRUPT';
}

function asFault(cause: unknown): BlockchainError {
  if (cause instanceof BlockchainError) return cause;
  throw cause;
}

function faultOf(failure: BlockchainError | undefined): VerifyFault | undefined {
  if (failure === undefined) return undefined;
  const { code, detail, message } = failure;
  return {
    code,
    number: 'number' in detail ? detail.number : undefined,
    rule: 'rule' in detail ? detail.rule : undefined,
    reason: message,
  };
}

const damageFault = (number: number): VerifyFault => ({
  code: 'BLOCKCHAIN.STORE_CORRUPT',
  number,
  rule: undefined,
  reason: `block ${number} cannot be read`,
});

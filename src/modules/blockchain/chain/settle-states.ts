import { errorFields } from '../../../common/app-error.js';
import type { Logger } from '../../../common/logger.port.js';
import { BlockchainError } from '../blockchain.errors.js';
import type { BlockStore, StateRecord } from '../ports/block-store.port.js';
import type { Consensus } from '../ports/consensus.port.js';
import type { Examiner } from '../verification/examiner.js';
import { type GenesisRules, verifyGenesis } from './genesis-check.js';
import { judgeChunk } from './judge-chunk.js';
import { storedTip } from './stored-tip.js';
import type { Tip } from './tip.js';

const BATCH = { maxCount: 128, maxBytes: 4 * 1_024 * 1_024 };

export interface SettleStatesOptions extends GenesisRules {
  readonly store: BlockStore;
  readonly consensus: Consensus;
  readonly examiner: Examiner;
  readonly log: Logger;
  readonly nowMs: () => number;
}

/**
 * The tip of the store. One that was written before validator sets were followed has no states: all of it is verified then,
 * from genesis, and what does not verify is taken back.
 */
export async function settleStates(options: SettleStatesOptions): Promise<Tip | undefined> {
  const { store, consensus, log } = options;
  const head = await store.head();
  if (head === undefined) return undefined;
  const tip = await storedTip(store, consensus, head.number);
  if (tip !== undefined) return tip;
  log.info('verifying the stored blocks, as their seals were not', { height: head.number });
  const { records, last, failure } = await verifyAll(options);
  if (failure !== undefined) {
    log.warn('stored blocks do not verify and are taken back', {
      height: last,
      removed: head.number - last,
      ...errorFields(failure),
    });
    await store.rewind(last);
  }
  // Last: where there are states, all is taken to be verified.
  await store.putStates(records);
  return storedTip(store, consensus, last);
}

async function verifyAll(options: SettleStatesOptions) {
  const { store, examiner, nowMs } = options;
  const genesis = await store.rawBlock(0);
  if (genesis === undefined) return { records: [], last: 0, failure: undefined };
  const { block, tip: start } = verifyGenesis(genesis, options);
  const records: StateRecord[] = [{ number: 0, state: block.state ?? start.state.encoded }];
  let tip = start;
  for (;;) {
    const raws = await readBatch(store, tip.number + 1);
    if (raws instanceof BlockchainError) return { records, last: tip.number, failure: raws };
    if (raws.length === 0) return { records, last: tip.number, failure: undefined };
    const examined = await examiner.examine({ parent: tip.raw, blocks: raws, hint: tip.state.encoded });
    const rules = { ...options, isStrict: false, anchor: undefined, votesConfirmed: false, nowMs: nowMs() };
    const judged = judgeChunk(raws, examined, tip, rules);
    for (const { number, state } of judged.blocks) if (state !== undefined) records.push({ number, state });
    tip = judged.tip;
    if (judged.failure !== undefined) return { records, last: tip.number, failure: judged.failure };
  }
}

/** Blocks, or why they cannot be read where that is for damage: peers still have them. */
async function readBatch(store: BlockStore, from: number): Promise<readonly Uint8Array[] | BlockchainError> {
  try {
    return await store.rawBlocks(from, BATCH);
  } catch (error) {
    if (error instanceof BlockchainError && error.code === 'BLOCKCHAIN.STORE_CORRUPT') return error;
    throw error;
  }
}

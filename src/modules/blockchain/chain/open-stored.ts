import type { Clock } from '../../../common/clock.js';
import type { Logger } from '../../../common/logger.port.js';
import type { BlockStore } from '../ports/block-store.port.js';
import type { Examiner } from '../verification/examiner.js';
import type { Anchor } from './anchor.js';
import { checkRecent } from './check-recent.js';
import type { GenesisRules } from './genesis-check.js';
import { type GenesisState, settleGenesis } from './settle-genesis.js';
import { settleStates } from './settle-states.js';
import type { Tip } from './tip.js';

export interface OpenStoredOptions extends GenesisRules {
  readonly store: BlockStore;
  readonly examiner: Examiner;
  readonly anchor: Anchor | undefined;
  readonly path: string;
  readonly clock: Clock;
  readonly log: Logger;
}

export interface OpenedChain {
  readonly genesis: GenesisState;
  readonly tip: Tip | undefined;
  readonly tail: number;
}

/**
 * What a store holds, once it is seen to be this chain, whole, and verified.
 * @throws {BlockchainError} BLOCKCHAIN.STORE_OTHER_CHAIN | BLOCKCHAIN.GENESIS_MISMATCH | BLOCKCHAIN.ANCHOR_MISMATCH |
 * BLOCKCHAIN.STORE_CORRUPT | BLOCKCHAIN.STORE_FAILED
 */
export async function openStored(options: OpenStoredOptions): Promise<OpenedChain> {
  const { store, consensus, anchor, clock } = options;
  anchor?.givenState(consensus);
  const genesis = await settleGenesis(options);
  await checkRecent(options);
  const tip = await settleStates({ ...options, nowMs: () => clock.nowMs() });
  if (genesis.hash !== undefined) anchor?.vouchesForGenesis(genesis.hash);
  await assertAnchor(options);
  return { genesis, tip, tail: await store.tail() };
}

async function assertAnchor({ store, anchor, consensus, log }: OpenStoredOptions): Promise<void> {
  if (anchor === undefined) return;
  if (!anchor.canBegin(consensus)) {
    const { number: height } = anchor;
    log.warn('the validators after the checkpoint are not in its header: verified from genesis to it', {
      height,
    });
  }
  const stored = await store.hashByNumber(anchor.number);
  if (stored !== undefined) anchor.verify(anchor.number, stored);
  const tail = await store.tail();
  // As it will be on every start once a chain that began there was pruned.
  if (tail > anchor.number) {
    log.info('the checkpoint is below the oldest block kept, so the two cannot be compared', {
      height: anchor.number,
      tail,
    });
  }
}

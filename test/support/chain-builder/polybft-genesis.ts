import { toHex } from '../../../src/common/bytes.js';
import type { ForkName } from '../../../src/modules/blockchain/genesis/chain-config.js';
import { EMPTY_ITEM, encodeCheckpoint, encodeDelta, encodeExtra } from './polybft-extra.js';
import type { PolybftKey } from './polybft-keys.js';

export interface PolybftGenesisPlan {
  readonly chainId: number;
  readonly epochSize: number;
  readonly blockTimeMs: number;
  readonly gasLimit: bigint;
  readonly baseFee: bigint;
  readonly baseFeeEM: bigint;
  readonly baseFeeChangeDenom: bigint;
  /** From which block each holds. */
  readonly forks: Partial<Record<ForkName, number>>;
  /** False: the file leaves the state root out, so that only a peer can give block 0. */
  readonly givesStateRoot: boolean;
  readonly validators: readonly PolybftKey[];
}

const NO_HASH = new Uint8Array(32);
/** What the contracts would leave, as far as anyone here can tell. */
export const GENESIS_STATE_ROOT = new Uint8Array(32).fill(0x5e);
const MIX_HASH = '0xadce6e5230abe012342a44e4e9b6d05997d6f015387ae0e59be924afc7ec70c1';

/** genesis.json of a PolyBFT chain, without contracts. */
export function polybftGenesisText(plan: PolybftGenesisPlan): string {
  const hex = (value: bigint) => `0x${value.toString(16)}`;
  const extra = encodeExtra({
    validators: encodeDelta({ added: plan.validators }),
    parent: EMPTY_ITEM,
    committed: EMPTY_ITEM,
    checkpoint: encodeCheckpoint({
      blockRound: 0n,
      epochNumber: 0n,
      currentValidatorsHash: NO_HASH,
      nextValidatorsHash: NO_HASH,
      eventRoot: NO_HASH,
    }),
  });
  return JSON.stringify({
    name: 'chain-builder',
    genesis: {
      nonce: '0x0',
      timestamp: '0x0',
      extraData: toHex(extra),
      gasLimit: hex(plan.gasLimit),
      difficulty: '0x0',
      mixHash: MIX_HASH,
      gasUsed: '0x70000',
      baseFee: hex(plan.baseFee),
      baseFeeEM: hex(plan.baseFeeEM),
      baseFeeChangeDenom: hex(plan.baseFeeChangeDenom),
      alloc: {},
      ...(plan.givesStateRoot ? { stateRoot: toHex(GENESIS_STATE_ROOT) } : {}),
    },
    params: {
      forks: Object.fromEntries(Object.entries(plan.forks).map(([name, block]) => [name, { block }])),
      chainID: plan.chainId,
      engine: { polybft: { blockTime: plan.blockTimeMs * 1_000_000, epochSize: plan.epochSize } },
    },
  });
}

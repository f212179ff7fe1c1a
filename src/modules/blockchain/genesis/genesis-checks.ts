import type * as z from 'zod';
import { bytesEqual, toHex } from '../../../common/bytes.js';
import { BlockchainError } from '../blockchain.errors.js';
import { createConsensus } from '../consensus/create-consensus.js';
import type { Consensus } from '../ports/consensus.port.js';
import { stateRoot } from '../trie/state-root.js';
import { genesisAlloc } from './address-lists.js';
import { type EngineConfig, Forks } from './chain-config.js';
import {
  addressListsShape,
  bootnodesSchema,
  type GenesisFile,
  genesisFields,
  genesisShape,
  paramsShape,
} from './genesis.schema.js';
import { headerWithStateRoot } from './genesis-header.js';
import { struct } from './go-values.js';

/** What is wrong with the text of a bootnode; undefined when nothing is. */
export type BootnodeCheck = (text: string) => string | undefined;

const { baseFeeEM, baseFeeChangeDenom, extraData, alloc } = genesisShape;
const { forks, engine } = paramsShape;

// What each check reads of the file.
const london = struct({ genesis: struct({ baseFeeEM, baseFeeChangeDenom }), params: struct({ forks }) });
const extra = struct({ genesis: struct({ extraData }), params: struct({ engine }) });
const state = struct({
  genesis: struct({ alloc, stateRoot: genesisShape.stateRoot }),
  params: struct({ engine, ...addressListsShape }),
});
const bootnodes = struct({ bootnodes: bootnodesSchema });

/**
 * Faults that the schema alone does not see. Each check runs as soon as the fields it reads are sound, whatever is
 * wrong elsewhere.
 * @param file What the schema made of `json`, when it found no fault.
 */
export function combinedFaults(
  json: unknown,
  file: GenesisFile | undefined,
  checkBootnode: BootnodeCheck,
): string[] {
  const extraPart = file ?? extra.safeParse(json).data;
  return [
    ...londonFaults(file ?? london.safeParse(json).data),
    ...(extraPart ? extraDataFaults(extraPart.genesis.extraData, hashingOf(extraPart.params.engine)) : []),
    ...stateRootFaults(file ?? state.safeParse(json).data),
    ...bootnodeFaults(file ?? bootnodes.safeParse(json).data, checkBootnode),
  ];
}

/** Go divides by both as soon as the fork is active, and stops with a panic. */
function londonFaults(file: z.output<typeof london> | undefined): string[] {
  if (!file?.params.forks.has('london')) return [];
  return (['baseFeeEM', 'baseFeeChangeDenom'] as const)
    .filter((field) => file.genesis[field] === 0n)
    .map((field) => `genesis.${field}: expected more than 0 with the fork london`);
}

/** An engine as far as it hashes headers. */
function hashingOf(engine: EngineConfig): Pick<Consensus, 'headerHash'> {
  const genesis = genesisFields(struct(genesisShape).parse({ gasLimit: '0' }));
  return createConsensus({ engine, chainId: 0, forks: new Forks(new Map()), genesis });
}

/** The engine must be able to hash the header, whatever the rest of it is. */
export function extraDataFaults(extraData: Uint8Array, consensus: Pick<Consensus, 'headerHash'>): string[] {
  const blank = genesisFields(struct(genesisShape).parse({ gasLimit: '0' }));
  const header = headerWithStateRoot({ genesis: { ...blank, extraData } }, new Uint8Array(32));
  try {
    consensus.headerHash(header);
    return [];
  } catch (cause) {
    if (!(cause instanceof BlockchainError && cause.detail.code === 'BLOCKCHAIN.BAD_EXTRA')) throw cause;
    return [`genesis.extraData: ${cause.detail.reason}`];
  }
}

/** A trusted root is for a state that the file does not give, or that only execution could compute. */
function stateRootFaults(file: z.output<typeof state> | undefined): string[] {
  const trusted = file?.genesis.stateRoot;
  if (file === undefined || trusted === undefined) return [];
  if (file.params.engine.name === 'polybft' || file.genesis.alloc.size === 0) return [];
  const computed = stateRoot(genesisAlloc(file));
  if (bytesEqual(computed, trusted)) return [];
  return [`genesis.stateRoot: contradicts genesis.alloc, whose root is ${toHex(computed)}`];
}

function bootnodeFaults(file: z.output<typeof bootnodes> | undefined, check: BootnodeCheck): string[] {
  return (file?.bootnodes ?? []).flatMap((text, index) => {
    const fault = check(text);
    return fault === undefined ? [] : [`bootnodes.${index}: ${fault}`];
  });
}

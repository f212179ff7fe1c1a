import { type NewIbftFork, withIbftFork } from '../../modules/blockchain/index.js';
import { type CommandContext, usageError } from '../command-context.js';
import { type Given, textOf } from '../flags.js';
import { GENESIS_DEFAULTS } from '../genesis/genesis-defaults.js';
import { type CommandResult, keyValues } from '../output.js';
import { editIbft, type IbftEngine } from './edit-genesis.js';
import { COUNTS, switchPlan } from './switch-plan.js';

const MISSING = '"ibft" config doesn\'t exist in "engine" of genesis.json\'';

/**
 * `ibft switch`: from which block on the validators of a genesis file's chain are of another kind, vote on each other
 * (PoA), or stake (PoS). The file holds heights only: the staking contract is part of the node that seals.
 * @see polygon-edge@597a0f3 command/ibft/switch/params.go updateGenesisConfig
 */
export async function ibftSwitch({ random }: CommandContext, given: Given): Promise<CommandResult> {
  const chain = textOf(given, 'chain') || GENESIS_DEFAULTS.dir;
  const fork = await switchPlan(given, random);
  await editIbft(chain, MISSING, (ibft, engine) => {
    refuseMisplaced(fork, engine);
    return withIbftFork(ibft, fork);
  });
  return resultOf(chain, fork);
}

function refuseMisplaced({ type, validatorType, from }: NewIbftFork, { forks }: IbftEngine): void {
  const last = forks.at(-1);
  if (type === last?.type && validatorType === last.validatorType) {
    throw usageError('cannot specify same IBFT type and validator type as the last fork');
  }
  if (from <= (last?.from ?? 0)) {
    throw usageError('"from" must be greater than the beginning height of last fork');
  }
  if (type === 'PoA' && from <= 1) {
    throw usageError('cannot specify a less height than 2 for validators update');
  }
}

function resultOf(chain: string, fork: NewIbftFork): CommandResult {
  const { type, validatorType, from, deployment } = fork;
  const [min, max] = [fork.minValidatorCount ?? COUNTS.min, fork.maxValidatorCount ?? COUNTS.max];
  const rows: [string, string | number | bigint][] = [
    ['Chain', chain],
    ['Type', type],
    ['ValidatorType', validatorType],
    ...(deployment === undefined ? [] : ([['Deployment', deployment]] satisfies [string, number][])),
    ['From', from],
  ];
  const counts: typeof rows = [
    ['MaxValidatorCount', max],
    ['MinValidatorCount', min],
  ];
  return {
    text: `\n[NEW IBFT FORK]\n${keyValues(type === 'PoS' ? [...rows, ...counts] : rows)}\n`,
    json: {
      ...{ chain, type, validator_type: validatorType, from: hex(from) },
      ...(deployment !== undefined && { deployment: hex(deployment) }),
      ...{ maxValidatorCount: hex(max), minValidatorCount: hex(min) },
    },
  };
}

const hex = (value: number | bigint) => `0x${value.toString(16)}`;

import * as z from 'zod';
import { toHex } from '../../../common/bytes.js';
import type { IbftValidator } from '../consensus/ibft/extra.js';
import { toChecksumAddress } from '../crypto/address.js';
import type { IbftType, ValidatorType } from './chain-config.js';
import { address, durationMs, hexBytes, numberOrString, struct } from './go-values.js';

/** `params.engine.ibft` as it stands in the file. */
type IbftFileConfig = Readonly<Record<string, unknown>>;

/** An entry for the end of an IBFT chain's fork list. Heights and counts are below 2^53. */
export interface NewIbftFork {
  readonly type: IbftType;
  readonly validatorType: ValidatorType;
  /** First height, behind that of the last entry. */
  readonly from: number;
  /** The set that it puts in force; PoA only, all of its kind. */
  readonly validators?: readonly IbftValidator[] | undefined;
  /** Where the node deploys the staking contract; PoS only, as are the counts. */
  readonly deployment?: number | undefined;
  readonly maxValidatorCount?: number | undefined;
  readonly minValidatorCount?: number | undefined;
}

const MS_PER_SECOND = 1_000;
const NS_PER_MS = 1_000_000;

const quantity = (value: number) => `0x${value.toString(16)}`;
const number = numberOrString.transform(quantity);
const blockTime = durationMs('block time configuration is').transform(goDuration);

const validator = struct({ Address: address, BLSPublicKey: hexBytes.optional() }).transform(
  ({ Address, BLSPublicKey }) =>
    validatorJson({ address: Address, ...(BLSPublicKey && { blsPublicKey: BLSPublicKey }) }),
);

/** In the order of the Go client. @see polygon-edge@597a0f3 consensus/ibft/fork/fork.go IBFTFork */
const ENTRY_NAMES = [
  ...(['type', 'validator_type', 'deployment', 'from', 'to', 'blockTime'] as const),
  ...(['validators', 'maxValidatorCount', 'minValidatorCount'] as const),
];

/** An entry as the Go client writes it: numbers as hex, addresses with their checksums. */
const entry = struct({
  type: z.string(),
  validator_type: z.string().default('ecdsa'),
  deployment: number.optional(),
  from: number.default('0x0'),
  to: number.optional(),
  blockTime: blockTime.optional(),
  validators: z.array(validator).optional(),
  maxValidatorCount: number.optional(),
  minValidatorCount: number.optional(),
});

const config = struct({
  type: z.string().optional(),
  types: z.array(entry).default([]),
  validator_type: z.string().default('ecdsa'),
  blockTime: blockTime.optional(),
});

/**
 * The configuration of an IBFT chain with one more fork behind the others, as the Go client's `ibft switch` makes it;
 * whatever else stands in it stays. A single `type` becomes the first entry of the list.
 * @param file of a genesis file that was parsed without a fault
 * @see polygon-edge@597a0f3 command/ibft/switch/params.go appendIBFTForks
 */
export function withIbftFork(file: IbftFileConfig, fork: NewIbftFork): IbftFileConfig {
  const { type, types, validator_type, blockTime } = config.parse(file);
  const before = type === undefined ? types : [{ type, validator_type, from: '0x0', blockTime }];
  const last = before.at(-1);
  const list = [
    ...before.slice(0, -1).map(inOrder),
    inOrder({ ...last, to: quantity(fork.from - 1) }),
    inOrder({
      type: fork.type,
      validator_type: fork.validatorType,
      from: quantity(fork.from),
      blockTime: last?.blockTime,
      validators: fork.validators?.map(validatorJson),
      deployment: optional(fork.deployment),
      maxValidatorCount: optional(fork.maxValidatorCount),
      minValidatorCount: optional(fork.minValidatorCount),
    }),
  ];
  return withTypes(file, list);
}

/** The list stands where the type or the list before it stood. */
function withTypes(file: IbftFileConfig, types: readonly unknown[]): IbftFileConfig {
  const isReplaced = (name: string) => ['type', 'types'].includes(name.toLowerCase());
  const entries = Object.entries(file).flatMap(([name, value]): [string, unknown][] =>
    isReplaced(name) ? [['types', types]] : [[name, value]],
  );
  return Object.fromEntries(entries);
}

/** Without what is undefined. */
function inOrder(fields: Readonly<Partial<z.infer<typeof entry>>>): Record<string, unknown> {
  return Object.fromEntries(
    ENTRY_NAMES.flatMap((name) => (fields[name] === undefined ? [] : [[name, fields[name]]])),
  );
}

function optional(value: number | undefined): string | undefined {
  return value === undefined ? undefined : quantity(value);
}

function validatorJson({ address, blsPublicKey }: IbftValidator): Record<string, string> {
  return {
    Address: toChecksumAddress(address),
    ...(blsPublicKey === undefined ? {} : { BLSPublicKey: toHex(blsPublicKey) }),
  };
}

/** As Go prints a duration: `2s`, `1m30s`, `1h0m0s`, `500ms`. */
function goDuration(ms: number): string {
  if (ms < MS_PER_SECOND) {
    const ns = Math.round(ms * NS_PER_MS);
    if (ns >= NS_PER_MS) return `${ns / NS_PER_MS}ms`;
    if (ns >= 1_000) return `${ns / 1_000}µs`;
    return ns === 0 ? '0s' : `${ns}ns`;
  }
  const whole = Math.floor(ms / MS_PER_SECOND);
  const rest = Math.round((ms - whole * MS_PER_SECOND) * NS_PER_MS);
  const fraction = rest === 0 ? '' : `.${String(rest).padStart(9, '0').replace(/0+$/, '')}`;
  const [hours, minutes, seconds] = [Math.floor(whole / 3_600), Math.floor(whole / 60) % 60, whole % 60];
  const inMinutes = whole < 60 ? '' : `${hours > 0 ? `${hours}h` : ''}${minutes}m`;
  return `${inMinutes}${seconds}${fraction}s`;
}

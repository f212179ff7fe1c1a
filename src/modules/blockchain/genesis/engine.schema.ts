import * as z from 'zod';
import { type EngineConfig, type IbftFork, type IbftForkValidator, ibftForkAt } from './chain-config.js';
import { address, durationMs, hexBytes, numberOrString, safeNumber, struct } from './go-values.js';

/** @see polygon-edge@597a0f3 consensus/ibft/ibft.go DefaultEpochSize */
const DEFAULT_EPOCH_SIZE = 100_000;
/** @see polygon-edge@597a0f3 server/server.go extractBlockTime */
export const MIN_BLOCK_TIME_MS = 1_000;
const DEFAULT_DEV_INTERVAL_SECONDS = 1;
const MAX_SHOWN_NAME = 64;

const blockTimeMs = durationMs('block time configuration is').refine(
  (ms) => ms >= MIN_BLOCK_TIME_MS,
  'block time configuration is invalid',
);

const epochSize = safeNumber.min(1, 'expected at least 1');

const forkValidator = struct({ Address: address, BLSPublicKey: hexBytes.optional() }).transform(
  ({ Address, BLSPublicKey }): IbftForkValidator => ({
    address: Address,
    ...(BLSPublicKey === undefined ? {} : { blsPublicKey: BLSPublicKey }),
  }),
);

const ibftFork = struct({
  type: z.enum(['PoA', 'PoS'], 'invalid IBFT type, expected PoA or PoS'),
  validator_type: z.enum(['ecdsa', 'bls'], 'invalid validator type, expected ecdsa or bls').default('ecdsa'),
  from: numberOrString.default(0),
  to: numberOrString.optional(),
  validators: z.array(forkValidator).optional(),
}).transform(({ type, validator_type, from, to, validators }, context): IbftFork => {
  const isBls = validator_type === 'bls';
  if (validators?.some(({ blsPublicKey }) => (blsPublicKey !== undefined) !== isBls)) {
    context.addIssue(`validators of a fork with validator_type ${validator_type} must be of that kind`);
  }
  return {
    type,
    validatorType: validator_type,
    from,
    ...(to === undefined ? {} : { to }),
    ...(validators === undefined ? {} : { validators }),
  };
});

/** @remarks Differs: Go meets a gap when the chain comes to it (`fork not found`). */
const ibftForks = z.array(ibftFork).superRefine((forks, context) => {
  const gap = firstGap(forks);
  if (gap !== undefined) context.addIssue(`no entry of the fork list covers block ${gap}`);
});

/** The first height without an entry, if a later one has an entry or it is 0. What is past all entries is the chain's end. */
function firstGap(forks: readonly IbftFork[]): number | undefined {
  const isCovered = (height: number) => ibftForkAt(forks, height) !== undefined;
  const hasMore = (height: number) => forks.some(({ from }) => from > height && isCovered(from));
  const starts = [0, ...forks.flatMap(({ to }) => (to === undefined ? [] : [to + 1]))];
  return starts
    .sort((a, b) => a - b)
    .find((height) => !isCovered(height) && (height === 0 || hasMore(height)));
}

/** `type` wins over the fork list `types` when a file has both. @see polygon-edge@597a0f3 consensus/ibft/fork/fork.go GetIBFTForks */
const ibft = struct({
  type: z.string().optional(),
  types: z.array(z.unknown()).optional(),
  validator_type: z.unknown().optional(),
  blockTime: blockTimeMs,
  epochSize: epochSize.default(DEFAULT_EPOCH_SIZE),
  quorumSizeBlockNum: safeNumber.default(0),
})
  .transform(({ type, types, validator_type, ...rest }, context) => {
    if (type !== undefined) return { ...rest, forks: [{ type, validator_type, from: 0 }] };
    if (types === undefined) context.addIssue('IBFT config is not defined');
    return { ...rest, forks: types ?? z.NEVER };
  })
  .pipe(
    z.object({
      blockTime: z.number(),
      epochSize: z.number(),
      quorumSizeBlockNum: z.number(),
      forks: ibftForks,
    }),
  )
  .transform(({ blockTime, ...rest }): EngineConfig => ({ name: 'ibft', blockTimeMs: blockTime, ...rest }));

const polybft = struct({
  blockTime: blockTimeMs,
  epochSize: epochSize.default(1),
  blockTimeDrift: safeNumber.default(0),
}).transform(
  ({ blockTime, epochSize, blockTimeDrift }): EngineConfig => ({
    name: 'polybft',
    blockTimeMs: blockTime,
    epochSize,
    blockTimeDriftSeconds: blockTimeDrift,
  }),
);

const dev = struct({ interval: safeNumber.default(0) }).transform(
  ({ interval }): EngineConfig => ({
    name: 'dev',
    blockTimeMs: (interval === 0 ? DEFAULT_DEV_INTERVAL_SECONDS : interval) * 1_000,
  }),
);

const dummy = struct({}).transform((): EngineConfig => ({ name: 'dummy' }));

const ENGINES = new Map<string, z.ZodType<EngineConfig>>(Object.entries({ ibft, polybft, dev, dummy }));

/** `params.engine`: an object with exactly one key, the engine's name. */
export const engineSchema = z
  .record(z.string(), z.unknown())
  .prefault({})
  .transform((engines, context): EngineConfig => {
    const [entry, ...others] = Object.entries(engines);
    if (entry === undefined || others.length > 0) {
      context.addIssue(`expected one consensus engine but found ${Object.keys(engines).length}`);
      return z.NEVER;
    }
    const [name, config] = entry;
    const schema = ENGINES.get(name);
    if (schema === undefined) {
      context.addIssue({
        code: 'custom',
        path: [],
        message: `consensus engine '${name.slice(0, MAX_SHOWN_NAME)}' not found`,
      });
      return z.NEVER;
    }
    const result = schema.safeParse(config ?? {});
    if (result.success) return result.data;
    for (const { path, message } of result.error.issues) {
      context.addIssue({ code: 'custom', path: [name, ...path], message });
    }
    return z.NEVER;
  });

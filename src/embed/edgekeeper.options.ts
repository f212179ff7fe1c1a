import type { FactoryProvider, ModuleMetadata } from '@nestjs/common';
import { z } from 'zod';
import { errorText } from '../common/app-error.js';
import { ConfigError, type ConfigFault } from '../config/config.errors.js';
import { type NodeSettings, settingsSchema } from '../config/schema.js';
import { type ChainConfig, sealKey } from '../modules/blockchain/index.js';
import { parseChainText, readChainFile } from '../node/read-chain-file.js';
import type { NodeKeys } from '../node/read-keys.js';

type Slices = z.input<typeof settingsSchema>;

/** The settings of a node as its config file has them, in docs/config.md; each may be left out. */
export type EdgekeeperSettings = Omit<Slices, 'node'>;

/** Keys that are not to be read from the data folder. */
export interface EdgekeeperKeys {
  /** 32-byte secp256k1 scalar of the libp2p identity. */
  readonly network: Uint8Array;
  /** Validators that may seal: a secp256k1 scalar each, and a BLS12-381 one on chains that have them. */
  readonly validators?: readonly { readonly key: Uint8Array; readonly blsKey?: Uint8Array }[];
}

/** One node within another application. */
export interface EdgekeeperOptions {
  /** Path of a genesis.json, or what is in one. */
  readonly chain: string | object;
  /** The data folder, of this node alone; keys are made there when there are none. */
  readonly dataDir: string;
  readonly settings?: EdgekeeperSettings;
  /** None: those of the data folder. */
  readonly keys?: EdgekeeperKeys;
}

/** Tells the nodes of one application apart. */
export interface Named {
  /** Part of the node's tokens, see `getEdgekeeperToken`; needed as soon as there are two. */
  readonly name?: string;
}

/** As {@link EdgekeeperOptions}, from what the host has to give. */
export interface EdgekeeperAsyncOptions extends Named, Pick<ModuleMetadata, 'imports'> {
  readonly inject?: FactoryProvider['inject'];
  // biome-ignore lint/suspicious/noExplicitAny: what is injected is the host's affair, as in Nest's own modules.
  readonly useFactory: (...injected: any[]) => EdgekeeperOptions | Promise<EdgekeeperOptions>;
}

const judgedElsewhere = z.unknown().optional();

const optionsSchema = z.strictObject({
  chain: z.union([z.string(), z.looseObject({})], 'expected a path, or what is in a genesis.json'),
  dataDir: judgedElsewhere,
  settings: z.looseObject({}).optional(),
  keys: z
    .strictObject({
      network: judgedElsewhere,
      validators: z.array(z.strictObject({ key: judgedElsewhere, blsKey: judgedElsewhere })).optional(),
    })
    .optional(),
});

const asyncOptionsSchema = z.strictObject({
  name: judgedElsewhere,
  imports: judgedElsewhere,
  inject: judgedElsewhere,
  useFactory: z.custom((given) => typeof given === 'function', 'expected a function'),
});

/**
 * The effective settings of an embedded node. Neither flags nor the environment have a say.
 * @param options Given by JavaScript, they may be anything.
 * @throws {ConfigError} CONFIG.INVALID with every fault of the options and the settings at once
 */
export function nodeSettings(options: EdgekeeperOptions | undefined): NodeSettings {
  const dataDir = options?.dataDir;
  const { data, error } = settingsSchema.safeParse({ ...options?.settings, node: { dataDir } });
  const faults = [...faultsOf(optionsSchema.safeParse(options).error, 'options'), ...faultsOf(error)];
  if (dataDir === '') faults.push({ source: 'node.dataDir', text: 'data directory not defined' });
  if (data === undefined || faults.length > 0) throw new ConfigError({ code: 'CONFIG.INVALID', faults });
  return data;
}

/** CONFIG.INVALID with every fault of what `forRootAsync` is given, when there is one. */
export function refusalOf(options: EdgekeeperAsyncOptions): ConfigError | undefined {
  const faults = faultsOf(asyncOptionsSchema.safeParse(options).error, 'options');
  return faults.length > 0 ? new ConfigError({ code: 'CONFIG.INVALID', faults }) : undefined;
}

/** @param whole What to call that in which a fault has no path. */
function faultsOf(error: z.ZodError | undefined, whole = ''): ConfigFault[] {
  return (error?.issues ?? []).map(({ path, message }) => {
    const source = path.join('.') || whole;
    return { source, text: source === '' ? message : `${source}: ${message}` };
  });
}

/**
 * @throws {ConfigError} CONFIG.INVALID when the file cannot be read, or an object is none that a file could have
 * @throws {BlockchainError} BLOCKCHAIN.GENESIS_INVALID with every fault of what is in it
 */
export async function chainOf(chain: EdgekeeperOptions['chain']): Promise<ChainConfig> {
  return typeof chain === 'string' ? readChainFile(chain) : parseChainText(textOf(chain));
}

function textOf(chain: object): string {
  try {
    return JSON.stringify(chain) ?? '';
  } catch (error) {
    const faults = [{ source: 'chain', text: `chain: ${errorText(error)}` }];
    throw new ConfigError({ code: 'CONFIG.INVALID', faults }, error);
  }
}

/** @throws {ConfigError} CONFIG.INVALID when one is no key of its curve; the key is not shown */
export function givenKeys({ network, validators = [] }: EdgekeeperKeys): NodeKeys {
  const faults: { source: string; text: string }[] = [];
  const check = <T>(source: string, make: () => T): T | undefined => {
    try {
      return make();
    } catch {
      // What libraries say of a key may quote it.
      faults.push({ source, text: `${source}: not a key of its curve` });
      return undefined;
    }
  };
  check('keys.network', () => sealKey(network));
  const sealers = validators.flatMap(({ key, blsKey }, index) => {
    const sealer = check(`keys.validators.${index}`, () => sealKey(key, blsKey));
    return sealer === undefined ? [] : [sealer];
  });
  if (faults.length > 0) throw new ConfigError({ code: 'CONFIG.INVALID', faults });
  return { networkKey: network, validators: sealers };
}

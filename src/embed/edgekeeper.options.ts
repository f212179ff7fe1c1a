import type { z } from 'zod';
import { ConfigError } from '../config/config.errors.js';
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

/**
 * The effective settings of an embedded node. Neither flags nor the environment have a say.
 * @throws {ConfigError} CONFIG.INVALID with every fault at once
 */
export function nodeSettings({ dataDir, settings = {} }: EdgekeeperOptions): NodeSettings {
  // Given by JavaScript, anything may be in it.
  const given: unknown = { ...settings, node: { dataDir } };
  const { data, error } = settingsSchema.safeParse(given);
  const faults = (error?.issues ?? []).map(({ path, message }) => {
    const source = path.join('.');
    return { source, text: source === '' ? message : `${source}: ${message}` };
  });
  if (dataDir === '') faults.push({ source: 'node.dataDir', text: 'data directory not defined' });
  if (data === undefined || faults.length > 0) throw new ConfigError({ code: 'CONFIG.INVALID', faults });
  return data;
}

/**
 * @throws {ConfigError} CONFIG.INVALID when the file cannot be read
 * @throws {BlockchainError} BLOCKCHAIN.GENESIS_INVALID with every fault of what is in it
 */
export async function chainOf(chain: EdgekeeperOptions['chain']): Promise<ChainConfig> {
  return typeof chain === 'string' ? readChainFile(chain) : parseChainText(JSON.stringify(chain) ?? '');
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

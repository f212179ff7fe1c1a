import { join } from 'node:path';
import { toHex } from '../../common/bytes.js';
import { type LoadedSettings, loadSettings } from '../../config/load.js';
import { DEFAULT_OPERATOR_ADDRESS } from '../../config/operator-address.js';
import type { NodeSettings } from '../../config/schema.js';
import { MIN_BLOCK_TIME_MS, type SealKey, toChecksumAddress } from '../../modules/blockchain/index.js';
import type { StartedNode } from '../../node/run-node.js';
import { type CommandContext, printResult, runUntilStopped, usageError } from '../command-context.js';
import type { Given } from '../flags.js';
import { goDurationMs } from '../go-values.js';
import { type CommandResult, keyValues } from '../output.js';
import { type DevChain, ensureDevChain } from './dev-chain.js';
import { DEV_DEFAULTS } from './dev-defaults.js';
import type { DevValidatorType } from './dev-keys.js';

/** What only a new chain can be told. */
const LATE_FLAGS = ['block-time', 'chain-id', 'ibft-validator-type'];
const MAX_VALIDATORS = 100;
const MAX_BLOCK_TIME_MS = 3_600_000;

/**
 * `dev`: runs a chain of one's own, whose validators are all in this process; makes it when it is not there.
 * @throws {ConfigError} CONFIG.INVALID with all faults at once, or what is wrong with a key file
 */
export async function dev(context: CommandContext, given: Given): Promise<void> {
  const {
    'block-time': blockTime,
    'chain-id': chainId,
    validators,
    'ibft-validator-type': type,
    ...flags
  } = given;
  const options = {
    blockTimeMs: durationMs(String(blockTime ?? DEV_DEFAULTS.blockTime)),
    chainId: chainNumber(String(chainId ?? DEV_DEFAULTS.chainId)),
    count: validatorCount(String(validators ?? DEV_DEFAULTS.validators)),
    type: validatorType(String(type ?? DEV_DEFAULTS.type)),
  };
  const fallbacks = { 'data-dir': DEV_DEFAULTS.dataDir };
  const loaded = withOwnChainPath(
    loadSettings({ flags, fallbacks, needsChainFile: false, ...(context.env && { env: context.env }) }),
  );
  const chain = await ensureDevChain(loaded.settings, options, context.random);
  const late = chain.made ? [] : LATE_FLAGS.filter((flag) => given[flag] !== undefined);
  const warnings = [
    ...loaded.warnings,
    ...late.map((flag) => `--${flag} has no effect: the chain of ${loaded.settings.node.chainPath} goes on`),
  ];
  await runUntilStopped(context, { ...loaded, warnings }, (node) =>
    printResult(context.io, given.json !== undefined, welcome(loaded.settings, chain, node, context.io.self)),
  );
}

/** The genesis file lies in the data folder unless something says otherwise. */
function withOwnChainPath(loaded: LoadedSettings): LoadedSettings {
  if (loaded.origins['node.chainPath'] !== 'default') return loaded;
  const { node } = loaded.settings;
  const chainPath = join(node.dataDir, 'genesis.json');
  return { ...loaded, settings: { ...loaded.settings, node: { ...node, chainPath } } };
}

function welcome({ node }: NodeSettings, chain: DevChain, started: StartedNode, self: string): CommandResult {
  const operatorAddress = started.operatorAddress.replace(/^0\.0\.0\.0:/, '127.0.0.1:');
  const libp2pAddress = started.libp2pAddress ?? chain.selfAddress;
  const at = operatorAddress === DEFAULT_OPERATOR_ADDRESS ? '' : ` --grpc-address ${operatorAddress}`;
  const rows = keyValues([
    ['Data folder', node.dataDir],
    ['Genesis file', node.chainPath],
    ...chain.validators.map((key, index): [string, string] => [
      index === 0 ? 'Validator' : `Validator ${index + 1}`,
      validatorText(key),
    ]),
    ['Libp2p address', libp2pAddress],
    ['Operator API', operatorAddress],
  ]);
  const commands = ['status', 'monitor', 'peers list'].map((command) => `  ${self} ${command}${at}`);
  const title = chain.made ? 'NEW DEV CHAIN' : 'DEV CHAIN';
  return {
    text: `\n[${title}]\n${rows}\n\nTry in another terminal:\n${commands.join('\n')}\n`,
    json: {
      made: chain.made,
      data_dir: node.dataDir,
      chain_config: node.chainPath,
      validator: chain.validators.map(addressText)[0],
      validators: chain.validators.map((key) => ({
        address: addressText(key),
        ...(key.blsPublicKey && { bls_pubkey: toHex(key.blsPublicKey) }),
      })),
      libp2p_address: libp2pAddress,
      grpc_address: operatorAddress,
    },
  };
}

/** A duration as Go writes one: `2s`, `500ms`, `1m`. */
function durationMs(text: string): number {
  const duration = goDurationMs(text) ?? 0;
  if (!(duration >= MIN_BLOCK_TIME_MS && duration <= MAX_BLOCK_TIME_MS)) {
    throw usageError(`--block-time: must be from 1s to 1h, such as 2s`);
  }
  return Math.round(duration);
}

function chainNumber(text: string): number {
  const number = /^\d+$/.test(text) ? Number(text) : 0;
  if (!Number.isSafeInteger(number) || number < 1)
    throw usageError('--chain-id: must be a whole number above 0');
  return number;
}

const addressText = ({ address }: SealKey) => toChecksumAddress(address);

/** As `ibft snapshot` shows one. */
function validatorText(key: SealKey): string {
  const { blsPublicKey } = key;
  return blsPublicKey === undefined ? addressText(key) : `${addressText(key)}:${toHex(blsPublicKey)}`;
}

function validatorCount(text: string): number {
  const count = /^\d+$/.test(text) ? Number(text) : 0;
  if (count < 1 || count > MAX_VALIDATORS)
    throw usageError(`--validators: must be a whole number from 1 to ${MAX_VALIDATORS}`);
  return count;
}

function validatorType(text: string): DevValidatorType {
  if (text !== 'ecdsa' && text !== 'bls') throw usageError('--ibft-validator-type: must be ecdsa or bls');
  return text;
}

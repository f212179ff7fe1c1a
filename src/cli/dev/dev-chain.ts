import { access, mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { osErrorText } from '../../common/os-error.js';
import type { Random } from '../../common/random.js';
import type { NodeSettings } from '../../config/schema.js';
import { LocalSecrets } from '../../config/secrets/local-secrets.js';
import { writeNewFile } from '../../config/write-new-file.js';
import { ibftGenesisFile, type SealKey } from '../../modules/blockchain/index.js';
import { identityOf } from '../secrets/secrets-identity.js';
import { type DevKeysPlan, ensureDevKeys } from './dev-keys.js';

const CHAIN_NAME = 'edgekeeper-dev';
const EPOCH_SIZE = 100_000;
/** @see polygon-edge@597a0f3 command/default.go DefaultGenesisGasLimit */
const GAS_LIMIT = 5_242_880n;

/** What a new chain is to be. */
export interface DevChainPlan extends DevKeysPlan {
  readonly chainId: number;
  readonly blockTimeMs: number;
}

/** What `dev` found or made. */
export interface DevChain {
  /** False when the chain was there and goes on. */
  readonly made: boolean;
  /** All whose keys are here; those of a new chain, in its order. */
  readonly validators: readonly SealKey[];
  /** Multiaddr of this node, with `/p2p`. */
  readonly selfAddress: string;
}

/**
 * Makes keys and a genesis file whose validators are all here and whose bootnode is this node, unless they are there.
 * Keys beyond those of a chain that is there can be voted in.
 * @throws {ConfigError} when a key file cannot be used
 */
export async function ensureDevChain(
  { node, network }: NodeSettings,
  { chainId, blockTimeMs, ...keys }: DevChainPlan,
  random: Random,
): Promise<DevChain> {
  const secrets = new LocalSecrets(node.dataDir, random);
  const made = !(await exists(node.chainPath));
  if (made && network.listenPort === 0) {
    throw new Error(
      '--libp2p: a new chain needs a port other than 0, as its genesis names this node by its address',
    );
  }
  if (!made && (await secrets.validatorKey()) === undefined) {
    throw new Error(
      `${node.chainPath} is there, but no validator key in ${node.dataDir}: remove the one or bring the other`,
    );
  }
  const validators = await ensureDevKeys(secrets, keys);
  await secrets.networkKey();
  const { nodeId = '' } = await identityOf(secrets);
  const selfAddress = `${advertised(network)}/p2p/${nodeId}`;
  if (made) {
    const genesis = ibftGenesisFile({
      name: CHAIN_NAME,
      chainId,
      validators,
      bootnodes: [selfAddress],
      blockTimeMs,
      epochSize: EPOCH_SIZE,
      gasLimit: GAS_LIMIT,
      premine: [],
    });
    await write(node.chainPath, `${JSON.stringify(genesis, null, 2)}\n`);
  }
  return { made, validators, selfAddress };
}

/** The address under which other nodes will look for this one. */
function advertised({ natAddress, dnsAddress, listenHost, listenPort }: NodeSettings['network']): string {
  const listening = listenHost === '0.0.0.0' ? '127.0.0.1' : listenHost;
  const host =
    natAddress === undefined && dnsAddress !== undefined ? dnsAddress : `ip4/${natAddress ?? listening}`;
  return `/${host}/tcp/${listenPort}`;
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

async function write(path: string, content: string): Promise<void> {
  try {
    await mkdir(dirname(path), { recursive: true });
    await writeNewFile(path, content);
  } catch (error) {
    throw new Error(`open ${path}: ${osErrorText(error)}`, { cause: error });
  }
}

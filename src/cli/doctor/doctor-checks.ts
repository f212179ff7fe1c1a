import { access, constants, stat, statfs } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { toHex } from '../../common/bytes.js';
import type { Clock } from '../../common/clock.js';
import { SilentLogger } from '../../common/logger.port.js';
import { osErrorCode, osErrorText } from '../../common/os-error.js';
import type { Random } from '../../common/random.js';
import type { NodeSettings } from '../../config/schema.js';
import { LocalSecrets } from '../../config/secrets/local-secrets.js';
import { BlockchainError, genesisHash, storeExtent } from '../../modules/blockchain/index.js';
import { readChainFile } from '../../node/read-chain-file.js';
import { identityOf } from '../secrets/secrets-identity.js';
import type { Verdict } from './doctor-local.js';

const GIB = 1_024 ** 3;
const LOW_DISK_BYTES = 5 * GIB;
const NO_DISK_BYTES = GIB / 4;
/** Files of now may be a moment ahead, on a file system of another machine. */
const CLOCK_SLACK_MS = 60_000;
const READABLE_BY_ALL = 0o004;
const OTHER_CHAIN: ReadonlySet<string> = new Set([
  'BLOCKCHAIN.STORE_OTHER_CHAIN',
  'BLOCKCHAIN.GENESIS_MISMATCH',
]);
const KEY_FILES = ['libp2p/libp2p.key', 'consensus/validator.key', 'consensus/validator-bls.key'];

export async function genesisCheck(path: string): Promise<Verdict> {
  try {
    const chain = await readChainFile(path);
    const hash = await genesisHash(chain);
    const genesis = hash === undefined ? 'its hash is taken from a peer' : `genesis ${toHex(hash)}`;
    return { health: 'ok', detail: `chain ${chain.chainId}, ${chain.engine.name}, ${genesis}` };
  } catch (error) {
    const advice = 'bring the genesis.json of the network, and name it with --chain';
    return { health: 'failed', cause: 'genesis', detail: osErrorText(error), advice };
  }
}

export async function dataFolderCheck(dataDir: string): Promise<Verdict> {
  try {
    await access(dataDir, constants.R_OK | constants.W_OK | constants.X_OK);
    return { health: 'ok', detail: `${dataDir} can be read and written` };
  } catch (error) {
    if (osErrorCode(error) === 'ENOENT') return newFolder(dataDir);
    const advice = 'give the folder to the user that runs the node (chown), or name another with --data-dir';
    return { health: 'failed', cause: 'data-folder', detail: `${dataDir}: ${osErrorText(error)}`, advice };
  }
}

async function newFolder(dataDir: string): Promise<Verdict> {
  const parent = dirname(resolve(dataDir));
  try {
    await access(parent, constants.W_OK);
    return { health: 'warning', detail: `${dataDir} is not there yet; \`server\` makes it` };
  } catch (error) {
    const detail = `${dataDir} is not there, and ${parent}: ${osErrorText(error)}`;
    return { health: 'failed', cause: 'data-folder', detail, advice: 'make the folder (mkdir -p)' };
  }
}

export async function keysCheck(dataDir: string, random: Random): Promise<Verdict> {
  const { nodeId, address } = await identityOf(new LocalSecrets(dataDir, random));
  const open = await Promise.all(KEY_FILES.map((file) => isOpenToAll(join(dataDir, file))));
  const openFiles = KEY_FILES.filter((_, at) => open[at]);
  if (openFiles.length > 0) {
    const detail = `every user can read ${openFiles.join(', ')}`;
    return { health: 'warning', cause: 'keys-open', detail, advice: 'chmod o-r on those files' };
  }
  if (nodeId === undefined) {
    return { health: 'warning', detail: 'no network key yet: `server` makes one, and with it a new peer ID' };
  }
  const role = address === undefined ? 'no validator key' : `validator ${address}`;
  return { health: 'ok', detail: `peer ID ${nodeId}, ${role}` };
}

async function isOpenToAll(path: string): Promise<boolean> {
  const found = await stat(path).catch(() => undefined);
  return found !== undefined && (found.mode & READABLE_BY_ALL) !== 0;
}

export async function diskCheck(dataDir: string): Promise<Verdict> {
  const { bavail, bsize } = await statfs(await nearestFolder(dataDir));
  const free = bavail * bsize;
  const detail = `${(free / GIB).toFixed(1)} GiB free`;
  const advice = 'free some space, or move the data folder: a node stops writing when the disk is full';
  if (free < NO_DISK_BYTES) return { health: 'failed', cause: 'disk', detail, advice };
  return free < LOW_DISK_BYTES
    ? { health: 'warning', cause: 'disk', detail, advice }
    : { health: 'ok', detail };
}

async function nearestFolder(path: string): Promise<string> {
  const folder = resolve(path);
  const found = await stat(folder).catch(() => undefined);
  return found !== undefined || dirname(folder) === folder ? folder : nearestFolder(dirname(folder));
}

/** Blocks of the future are refused, so a clock that is behind stops a node. Without asking others all we can see is files of the future. */
export async function clockCheck(
  clock: Clock,
  { chainPath, dataDir }: NodeSettings['node'],
): Promise<Verdict> {
  const files = [chainPath, dataDir, ...KEY_FILES.map((file) => join(dataDir, file))];
  const times = await Promise.all(
    files.map((file) =>
      stat(file).then(
        ({ mtimeMs }) => mtimeMs,
        () => 0,
      ),
    ),
  );
  const nowMs = clock.nowMs();
  const aheadMs = Math.max(...times) - nowMs;
  const detail = new Date(nowMs).toISOString();
  if (aheadMs <= CLOCK_SLACK_MS) return { health: 'ok', detail };
  return {
    health: 'failed',
    cause: 'clock',
    detail: `${detail} is ${Math.round(aheadMs / 1_000)} s before files of this node were written`,
    advice:
      'set the clock (timedatectl set-ntp true): with a clock that is behind, new blocks look like the future',
  };
}

export async function storeCheck({ node, blockchain }: NodeSettings, isRunning: boolean): Promise<Verdict> {
  if (isRunning) return { health: 'skipped', detail: 'the node uses them' };
  // What is wrong with the file is another check's to tell.
  const chain = await readChainFile(node.chainPath).catch(() => undefined);
  try {
    const extent = await storeExtent(node.dataDir, blockchain, chain, new SilentLogger());
    if (extent === undefined) return { health: 'ok', detail: 'none are stored yet' };
    return { health: 'ok', detail: `${extent.tail} to ${extent.head}; \`verify --store\` looks at each` };
  } catch (error) {
    if (!(error instanceof BlockchainError)) throw error;
    if (error.code === 'BLOCKCHAIN.STORE_LOCKED') {
      const advice = 'a node runs on this folder with another --grpc-address: give that one to look at it';
      return { health: 'warning', cause: error.code, detail: error.message, advice };
    }
    const advice = OTHER_CHAIN.has(error.code)
      ? 'name the genesis file of the chain that is stored (--chain), or another data folder for this one (--data-dir)'
      : 'restore a backup into a new data folder (--restore), or let the node sync again from its peers';
    return { health: 'failed', cause: error.code, detail: error.message, advice };
  }
}

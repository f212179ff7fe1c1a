import { errorFields } from '../common/app-error.js';
import { type Clock, withDeadline } from '../common/clock.js';
import { LOGGER, type Logger } from '../common/logger.port.js';
import type { Random } from '../common/random.js';
import type { LoadedSettings } from '../config/load.js';
import { LocalSecrets } from '../config/secrets/local-secrets.js';
import {
  CHAIN,
  CHAIN_WRITER,
  type Chain,
  type ChainWriter,
  restoreArchive,
} from '../modules/blockchain/index.js';
import { formatPeerAddress, PEERS, type Peers } from '../modules/network/index.js';
import { createNode, type EdgekeeperNode } from './create-node.js';
import { quietFrameworks } from './own-process.js';
import { readChainFile } from './read-chain-file.js';
import { readKeys } from './read-keys.js';

/** The process is to be gone 5 s after the signal. @see polygon-edge@597a0f3 command/helper/helper.go HandleSignals */
const SHUTDOWN_TIMEOUT_MS = 4_500;

export interface RunNodeDeps {
  readonly clock: Clock;
  readonly random: Random;
  /** Aborts when the node is to stop. */
  readonly signal: AbortSignal;
  /** Called once everything is open. */
  readonly onStarted?: ((node: StartedNode) => void) | undefined;
}

/** Where a node that has started is found. */
export interface StartedNode {
  /** Multiaddr with `/p2p`; undefined where none can be told to others. */
  readonly libp2pAddress: string | undefined;
  /** `host:port` as it listens. */
  readonly operatorAddress: string;
}

/**
 * Runs a node until the signal aborts, and gives the exit code.
 * @throws {AppError} of the part that could not start, or of the block at which a restore stopped or was interrupted
 */
export async function runNode(loaded: LoadedSettings, deps: RunNodeDeps): Promise<number> {
  const { settings, origins, warnings } = loaded;
  const chain = await readChainFile(settings.node.chainPath);
  const keys = await readKeys(new LocalSecrets(settings.node.dataDir, deps.random));
  quietFrameworks();
  const node = await createNode({ settings, origins, chain, ...keys });
  const log = node.app.get<Logger>(LOGGER).child('node');
  for (const warning of warnings) log.warn(warning);
  try {
    if (settings.node.restorePath) await restore(node, settings.node.restorePath, log, deps);
    if (!deps.signal.aborted) {
      await node.start();
      const started = logStarted(node, settings.system.grpcHost, log);
      deps.onStarted?.(started);
      await aborted(deps.signal);
      log.info('stopping');
    }
  } catch (error) {
    await stop(node, log, deps.clock);
    throw error;
  }
  return (await stop(node, log, deps.clock)) ? 0 : 1;
}

async function restore(
  node: EdgekeeperNode,
  path: string,
  log: Logger,
  { clock, signal }: RunNodeDeps,
): Promise<void> {
  const chain = node.app.get<Chain>(CHAIN);
  const writer = node.app.get<ChainWriter>(CHAIN_WRITER);
  const { restored, head } = await restoreArchive({ path, writer, chain, log, clock, signal });
  log.info('restored', { blocks: restored, height: head?.number });
}

function logStarted({ app, operatorPort }: EdgekeeperNode, operatorHost: string, log: Logger): StartedNode {
  const address = app.get<Peers>(PEERS).selfAddress();
  const libp2pAddress = address && formatPeerAddress(address);
  const chain = app.get<Chain>(CHAIN);
  log.info('node started', {
    chain: chain.info().chainId,
    height: chain.head()?.number,
    libp2p: libp2pAddress,
    operatorPort: operatorPort(),
  });
  return { libp2pAddress, operatorAddress: `${operatorHost}:${operatorPort()}` };
}

/** Whether all ended in time; a part that did not is left behind, and the process ends with it. */
async function stop(node: EdgekeeperNode, log: Logger, clock: Clock): Promise<boolean> {
  const onTimeout = () => new Error('shutdown by timeout');
  try {
    await withDeadline(clock, { timeoutMs: SHUTDOWN_TIMEOUT_MS, onTimeout }, () => node.stop());
    return true;
  } catch (error) {
    log.error('shutdown failed', errorFields(error));
    return false;
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

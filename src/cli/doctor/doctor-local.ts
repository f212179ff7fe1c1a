import { errorText } from '../../common/app-error.js';
import { ConfigError } from '../../config/config.errors.js';
import { type LoadedSettings, loadSettings } from '../../config/load.js';
import type { ServerStatus } from '../../gen/v1/system_pb.js';
import type { CommandContext } from '../command-context.js';
import type { Given } from '../flags.js';
import {
  clockCheck,
  dataFolderCheck,
  diskCheck,
  genesisCheck,
  keysCheck,
  storeCheck,
} from './doctor-checks.js';
import type { Finding, Health } from './doctor-finding.js';
import { type NodeAnswer, operatorCheck, portsCheck } from './doctor-ports.js';

/** What a check has to say; it is timed and named elsewhere. */
export interface Verdict {
  readonly health: Health;
  readonly detail: string;
  readonly cause?: string;
  readonly advice?: string;
}

/** What is known of this machine and its node. */
export interface LocalReport {
  readonly findings: readonly Finding[];
  readonly loaded: LoadedSettings | undefined;
  /** Of the node that runs here. */
  readonly status: ServerStatus | undefined;
  readonly peers: readonly string[] | undefined;
}

/** Whether a node can run here with these flags, or does. Changes nothing. */
export async function diagnoseLocally(
  context: CommandContext,
  flags: Given,
  onFinding: (finding: Finding) => void,
): Promise<LocalReport> {
  const { clock } = context;
  const findings: Finding[] = [];
  const check = async (name: string, work: () => Promise<Verdict>): Promise<Verdict> => {
    const startedMs = clock.monotonicMs();
    const verdict = await work().catch(
      (error: unknown): Verdict => ({ health: 'failed', cause: 'failed', detail: errorText(error) }),
    );
    const finding = { name, durationMs: clock.monotonicMs() - startedMs, ...verdict };
    findings.push(finding);
    onFinding(finding);
    return verdict;
  };

  let loaded: LoadedSettings | undefined;
  await check('configuration', async () => {
    try {
      loaded = loadSettings({ flags, needsChainFile: false, ...(context.env && { env: context.env }) });
    } catch (error) {
      return configurationFault(error);
    }
    const [first] = loaded.warnings;
    return first === undefined
      ? { health: 'ok', detail: 'all settings can be used' }
      : { health: 'warning', detail: loaded.warnings.join('; ') };
  });
  const settings = loaded?.settings;
  if (settings === undefined) return { findings, loaded, status: undefined, peers: undefined };

  await check('genesis', () => genesisCheck(settings.node.chainPath));
  await check('data folder', () => dataFolderCheck(settings.node.dataDir));
  await check('keys', () => keysCheck(settings.node.dataDir, context.random));
  await check('disk', () => diskCheck(settings.node.dataDir));
  await check('clock', () => clockCheck(clock, settings.node));
  let node: NodeAnswer | undefined;
  await check('node', async () => {
    node = await operatorCheck(settings.system, clock);
    return node.verdict;
  });
  const isRunning = node?.status !== undefined;
  await check('ports', () => portsCheck(settings, isRunning));
  await check('blocks', () => storeCheck(settings, isRunning));
  return { findings, loaded, status: node?.status, peers: node?.peers };
}

function configurationFault(error: unknown): Verdict {
  if (!(error instanceof ConfigError) || error.detail.code !== 'CONFIG.INVALID') throw error;
  const isFolderMissing = error.detail.faults.some(({ source }) => source === 'node.dataDir');
  const advice = isFolderMissing
    ? 'name the data folder of the node (--data-dir), or the file that does (--config): give `doctor` the flags of `server`'
    : 'correct the flag, variable or key that is named; `server --help` lists what each takes';
  return { health: 'failed', cause: 'configuration', detail: error.message, advice };
}

import { toHex } from '../../common/bytes.js';
import { SilentLogger } from '../../common/logger.port.js';
import { loadSettings } from '../../config/load.js';
import {
  type VerifyReport,
  verifyArchive,
  verifyStore,
  writeCheckpoint,
} from '../../modules/blockchain/index.js';
import { readChainFile } from '../../node/read-chain-file.js';
import { type CommandContext, usageError } from '../command-context.js';
import { type Given, isOn, textOf } from '../flags.js';
import { type CommandResult, keyValues } from '../output.js';

/** Blocks between two lines of progress. */
const PROGRESS_BLOCKS = 10_000;
const CHECKPOINT_OUT = 'checkpoint-out';

/**
 * `verify`: an archive (`--restore`), or the store of a data folder (`--store`), block by block from genesis or from
 * `--checkpoint`. Exits with 1 at a fault. `--checkpoint-out` writes a checkpoint file of the last good block.
 */
export async function verify(context: CommandContext, given: Given): Promise<CommandResult> {
  const { store, [CHECKPOINT_OUT]: _, ...flags } = given;
  const checkpointPath = textOf(given, CHECKPOINT_OUT);
  const archive = textOf(given, 'restore');
  const ofStore = isOn(given, 'store', false);
  if (ofStore === (archive !== '')) throw usageError('give one of --restore and --store');
  if (ofStore && textOf(given, 'data-dir') === '') throw usageError('--store needs --data-dir');
  const { settings } = loadSettings({
    // An archive needs no folder.
    flags: { 'data-dir': '.', ...flags },
    needsChainFile: true,
    ...(context.env && { env: context.env }),
  });
  const chain = await readChainFile(settings.node.chainPath);
  const options = {
    chain,
    config: settings.blockchain,
    clock: context.clock,
    log: new SilentLogger(),
    onProgress: progressTo(context),
  };
  const report = ofStore
    ? await verifyStore(settings.node.dataDir, options)
    : await verifyArchive(archive, options);
  if (checkpointPath !== '') await saveCheckpoint(checkpointPath, report);
  return { text: textReport(report), json: jsonReport(report), failed: report.fault !== undefined };
}

async function saveCheckpoint(path: string, { checkpoint, fault }: VerifyReport): Promise<void> {
  if (checkpoint !== undefined) return writeCheckpoint(path, checkpoint);
  const reason = fault === undefined ? 'the genesis of this chain is not known' : fault.reason;
  throw usageError(`no checkpoint can be written: ${reason}`);
}

function progressTo({ io }: CommandContext): (height: number) => void {
  let next = PROGRESS_BLOCKS;
  return (height) => {
    if (height < next || !io.terminal.progress) return;
    next = height - (height % PROGRESS_BLOCKS) + PROGRESS_BLOCKS;
    io.stderr(`verified up to block ${height}\n`);
  };
}

function textReport(report: VerifyReport): string {
  const { fault } = report;
  const seconds = report.durationMs / 1_000;
  const rows = keyValues([
    ['Verified', report.verification],
    ...(report.startsOnTrust
      ? ([['Taken On Trust', `block ${report.from} and the set after it`]] as const)
      : []),
    ['Blocks', report.to === undefined ? 'none' : `${report.from} to ${report.to}, ${report.blocks} in all`],
    ['Transactions', report.transactions],
    ['Bytes', report.bytes],
    ['Last Hash', report.hash ? toHex(report.hash) : ''],
    ['Validators', report.validators],
    ['Changes Of The Engine’s State', report.stateChanges],
    ['Validator Sets Taken On Trust', report.trustedSets],
    ['Anomalies', anomalyText(report)],
    ['Time', `${seconds.toFixed(2)} s, ${Math.round(report.blocks / Math.max(seconds, 0.001))} blocks/s`],
    ...(report.damaged.length > 0 ? ([['Damaged Blocks', report.damaged.join(' ')]] as const) : []),
    [
      'First Fault',
      fault === undefined ? 'none' : `${fault.code}${fault.rule ? ` (${fault.rule})` : ''}: ${fault.reason}`,
    ],
  ]);
  return `\n[VERIFY]\n${rows}`;
}

function anomalyText({ anomalies }: VerifyReport): string {
  const texts = [...anomalies].map(([rule, count]) => `${rule}: ${count}`);
  return texts.length === 0 ? '0' : texts.join(', ');
}

function jsonReport(report: VerifyReport): Record<string, unknown> {
  const { fault } = report;
  return {
    verification: report.verification,
    from: report.from ?? null,
    to: report.to ?? null,
    blocks: report.blocks,
    transactions: report.transactions,
    bytes: report.bytes,
    hash: report.hash === undefined ? null : toHex(report.hash),
    validators: report.validators,
    state_changes: report.stateChanges,
    trusted_sets: report.trustedSets,
    starts_on_trust: report.startsOnTrust,
    anomalies: Object.fromEntries(report.anomalies),
    damaged: report.damaged,
    seconds: Number((report.durationMs / 1_000).toFixed(3)),
    fault: fault === undefined ? null : { ...fault, number: fault.number ?? null, rule: fault.rule ?? null },
  };
}

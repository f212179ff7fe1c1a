import { toHex } from '../../common/bytes.js';
import { formatLogLine } from '../../common/log-line.js';
import type { LogFields } from '../../common/logger.port.js';
import { operatorAddress } from '../../config/operator-address.js';
import { System } from '../../gen/v1/system_pb.js';
import { type CommandContext, usageError } from '../command-context.js';
import { type Given, isOn, textOf } from '../flags.js';
import { type OperatorClient, withService } from '../operator-client.js';
import { type CommandResult, keyValues } from '../output.js';
import { ChunkedBackupFile } from './backup-chunked-file.js';
import { EdgeBackupFile } from './backup-edge-file.js';
import type { BackupFile, BackupRange } from './backup-file.js';

const MAX_HEIGHT = 2n ** 64n - 1n;

interface Exported {
  readonly from: bigint;
  readonly to: bigint;
}

/**
 * `backup`: writes the blocks of a running node to an archive file, in the Go client's format or with
 * `--format edgekeeper` in our own, which `--resume` goes on with. Otherwise the file must not exist.
 * @see polygon-edge@597a0f3 archive/backup.go CreateBackup
 * @remarks Differs: Go keeps what it got so far when interrupted, and takes the whole chain when block `to` cannot be had.
 */
export async function backup(context: CommandContext, given: Given): Promise<CommandResult> {
  const range = rangeOf(given);
  const out = textOf(given, 'out');
  if (out === '') throw usageError('required flag(s) "out" not set');
  const address = operatorAddress(textOf(given, 'grpc-address'), context.env);
  const signal = context.io.interruption();
  const file = await openFile(out, given);
  let exported: Exported;
  try {
    exported = await withService(System, address, context.clock, (client) =>
      copy(client, file, range, signal, context),
    );
    await file.finish();
  } catch (error) {
    const kept = await file.giveUp();
    if (signal.aborted) throw new Error(`interrupted, ${kept ?? 'the file is removed'}`);
    if (kept !== undefined) log(context, 'Backup is not finished', { out, kept });
    throw error;
  }
  const rows = keyValues([
    ['File', out],
    ['From', exported.from],
    ['To', exported.to],
  ]);
  return {
    text: `\n[BACKUP]\nExported backup file successfully:\n${rows}`,
    json: { from: exported.from, to: exported.to, out },
  };
}

/** `--resume` alone means our format: the Go client's cannot be gone on with. */
function openFile(out: string, given: Given): Promise<BackupFile> {
  const resume = isOn(given, 'resume', false);
  const format = textOf(given, 'format') || (resume ? 'edgekeeper' : 'edge');
  if (format === 'edgekeeper') return ChunkedBackupFile.open(out, { resume });
  if (format !== 'edge') throw usageError('invalid "format" value; must be edge or edgekeeper');
  if (resume) throw usageError('a backup in format edge cannot be resumed');
  return EdgeBackupFile.create(out);
}

async function copy(
  client: OperatorClient,
  file: BackupFile,
  range: BackupRange,
  signal: AbortSignal,
  context: CommandContext,
): Promise<Exported> {
  const { from, next, end, hash } = await file.begin(client, range);
  log(context, 'Wrote metadata to backup', { latest: end, hash: toHex(hash) });
  let last = next - 1n;
  let total = 0n;
  const isHeld = next > from && next > end;
  const events = isHeld ? [] : blocksOf(client, next, end, signal);
  for await (const event of events) {
    await file.write(event.data);
    last = event.to;
    // Go counts one block too few per event; its lines are kept.
    const count = event.to - event.from;
    total += count;
    const progress = `${percent(event.to - from, end - from)}%`;
    log(context, `${count} blocks are written`, { total, from, to: end || event.latest, progress });
  }
  if (last < from) throw new Error("couldn't get any blocks");
  if (last !== end) throw new Error(`the node gave the blocks up to ${last}, not up to ${end}`);
  return { from, to: last };
}

interface Blocks {
  readonly from: bigint;
  readonly to: bigint;
  readonly latest: bigint;
  readonly data: Uint8Array;
}

async function* blocksOf(
  client: OperatorClient,
  from: bigint,
  to: bigint,
  signal: AbortSignal,
): AsyncGenerator<Blocks> {
  if (from !== to) return yield* client.export({ from, to }, { signal });
  // The service exports no single block, and takes a `to` of 0 for the head.
  const { data } = await client.blockByNumber({ number: to }, { signal });
  yield { from, to, latest: to, data };
}

function log({ io, clock }: CommandContext, message: string, fields: LogFields): void {
  io.stderr(formatLogLine(clock.nowMs(), 'info', 'backup', message, fields));
}

function percent(done: bigint, all: bigint): string {
  return all === 0n ? '100.00' : ((100 * Number(done)) / Number(all)).toFixed(2);
}

function rangeOf(given: Given): BackupRange {
  const from = height(textOf(given, 'from'));
  const to = height(textOf(given, 'to'));
  if (to === undefined) return { from, to };
  const first = from ?? 0n;
  if (first > to) throw usageError('invalid "to" value; must be >= "from"');
  // To the protocol 0 means "up to the head"; Go writes the whole chain under a metadata that says 0.
  if (first === to) throw usageError('to must be greater than from');
  return { from, to };
}

function height(text: string): bigint | undefined {
  if (text === '') return undefined;
  const number = /^(0x[0-9a-fA-F]+|\d+)$/.test(text) ? BigInt(text) : undefined;
  if (number === undefined || number > MAX_HEIGHT) throw usageError('unable to decode range value');
  return number;
}

import { type FileHandle, open, rm } from 'node:fs/promises';
import { fromHex, toHex } from '../common/bytes.js';
import { formatLogLine } from '../common/log-line.js';
import { type LogFields } from '../common/logger.port.js';
import { osErrorText } from '../common/os-error.js';
import { operatorAddress } from '../config/operator-address.js';
import { archiveMetadata, keccak256, rawHeaderOf } from '../modules/blockchain/index.js';
import { type CommandContext, usageError } from './command-context.js';
import { type Given, textOf } from './flags.js';
import { type OperatorClient, withOperator } from './operator-client.js';
import { type CommandResult, keyValues } from './output.js';

const FILE_MODE = 0o644;
const MAX_HEIGHT = 2n ** 64n - 1n;

/** Heights that were asked for; no `to` means up to the head. */
interface Range {
  readonly from: bigint;
  readonly to: bigint | undefined;
}

interface Exported {
  readonly from: bigint;
  readonly to: bigint;
}

/**
 * `backup`: writes the blocks of a running node to an archive file.
 * The file must not exist; it is removed again when anything fails or the operator interrupts.
 * @see polygon-edge@597a0f3 archive/backup.go CreateBackup
 * @remarks Differs: Go keeps what it got so far when interrupted, and takes the whole chain when block `to` cannot be had.
 */
export async function backup(context: CommandContext, given: Given): Promise<CommandResult> {
  const range = rangeOf(given);
  const out = textOf(given, 'out');
  if (out === '') throw usageError('required flag(s) "out" not set');
  const address = operatorAddress(textOf(given, 'grpc-address'), context.env);
  const signal = context.io.interruption();
  const file = await open(out, 'wx', FILE_MODE).catch((error: unknown) => {
    throw new Error(`open ${out}: ${osErrorText(error)}`);
  });
  let exported: Exported;
  try {
    exported = await withOperator(address, context.clock, (client) =>
      copy(client, file, range, signal, context),
    );
    await file.sync();
    await file.close();
  } catch (error) {
    await file.close();
    await rm(out, { force: true });
    throw signal.aborted ? new Error('interrupted, the file is removed') : error;
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

async function copy(
  client: OperatorClient,
  file: FileHandle,
  { from, to }: Range,
  signal: AbortSignal,
  { io, clock }: CommandContext,
): Promise<Exported> {
  const log = (message: string, fields: LogFields) =>
    io.stderr(formatLogLine(clock.nowMs(), 'info', 'backup', message, fields));
  const end = await endOf(client, to);
  await file.writeFile(archiveMetadata({ latest: Number(end.number), latestHash: end.hash }));
  log('Wrote metadata to backup', { latest: end.number, hash: toHex(end.hash) });

  let first: bigint | undefined;
  let last = from;
  let total = 0n;
  for await (const event of client.export({ from, to: end.number }, { signal })) {
    await file.writeFile(event.data);
    first ??= event.from;
    last = event.to;
    // Go counts one block too few per event; its lines are kept.
    const count = event.to - event.from;
    total += count;
    const progress = `${percent(event.to - from, end.number - from)}%`;
    log(`${count} blocks are written`, { total, from, to: end.number || event.latest, progress });
  }
  if (first === undefined) throw new Error("couldn't get any blocks");
  return { from: first, to: last };
}

/**
 * Where the archive ends, and the hash that goes into its metadata.
 * The hash is only right at the head: for an earlier block it is the keccak of all 16 header items, as Go writes it,
 * which no consensus of these chains uses.
 */
async function endOf(
  client: OperatorClient,
  to: bigint | undefined,
): Promise<{ number: bigint; hash: Uint8Array }> {
  const { current } = await client.getStatus({});
  const head = { number: current?.number ?? 0n, hash: fromHex(current?.hash ?? '') };
  if (to !== undefined && to < head.number) {
    const { data } = await client.blockByNumber({ number: to });
    return { number: to, hash: keccak256(rawHeaderOf(data)) };
  }
  const { number, hash } = head;
  if (hash?.length === 32 && number >= 0n && number <= BigInt(Number.MAX_SAFE_INTEGER))
    return { number, hash };
  throw new Error(`the node gave block ${number} ${JSON.stringify(current?.hash)} as its head`);
}

function percent(done: bigint, all: bigint): string {
  return all === 0n ? '100.00' : ((100 * Number(done)) / Number(all)).toFixed(2);
}

function rangeOf(given: Given): Range {
  const from = height(textOf(given, 'from') || '0');
  const toText = textOf(given, 'to');
  if (toText === '') return { from, to: undefined };
  const to = height(toText);
  if (from > to) throw usageError('invalid "to" value; must be >= "from"');
  // To the protocol 0 means "up to the head"; Go writes the whole chain under a metadata that says 0.
  if (from === to) throw usageError('to must be greater than from');
  return { from, to };
}

function height(text: string): bigint {
  const number = /^(0x[0-9a-fA-F]+|\d+)$/.test(text) ? BigInt(text) : undefined;
  if (number === undefined || number > MAX_HEIGHT) throw usageError('unable to decode range value');
  return number;
}

import { fromHex } from '../../common/bytes.js';
import type { ServerStatus } from '../../gen/v1/system_pb.js';
import type { OperatorClient } from '../operator-client.js';

/** Heights that were asked for. */
export interface BackupRange {
  /** Undefined where the file knows better, 0 elsewhere. */
  readonly from: bigint | undefined;
  /** Undefined: up to the head. */
  readonly to: bigint | undefined;
}

/** What a backup will hold. */
export interface BackupSpan {
  readonly from: bigint;
  /** The first block that is still to be asked for; above `end` when none is. */
  readonly next: bigint;
  readonly end: bigint;
  /** Hash of the last block as the file has it. */
  readonly hash: Uint8Array;
}

/** The file of a backup, in one of the formats. */
export interface BackupFile {
  /** Settles what the backup spans. */
  begin(client: OperatorClient, range: BackupRange): Promise<BackupSpan>;
  /** Adds blocks, concatenated RLP. */
  write(data: Uint8Array): Promise<void>;
  /** Ends the file, brings it to the disk and closes it. */
  finish(): Promise<void>;
  /** Closes the file after a failure, and says what is kept; undefined when it is removed. */
  giveUp(): Promise<string | undefined>;
}

/** The head of a node. */
export function headOf({ current }: ServerStatus): { readonly number: bigint; readonly hash: Uint8Array } {
  const number = current?.number ?? 0n;
  const hash = fromHex(current?.hash ?? '');
  if (hash?.length === 32 && number >= 0n && number <= BigInt(Number.MAX_SAFE_INTEGER))
    return { number, hash };
  throw new Error(`the node gave block ${number} ${JSON.stringify(current?.hash)} as its head`);
}

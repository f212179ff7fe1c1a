import { constants } from 'node:fs';
import { type FileHandle, open, rm } from 'node:fs/promises';
import { z } from 'zod';
import { errorText } from '../../../common/app-error.js';
import { fromHex, toHex } from '../../../common/bytes.js';
import { osErrorText } from '../../../common/os-error.js';
import { BlockchainError } from '../blockchain.errors.js';
import { decodeHeader } from '../codec/header.codec.js';

const FILE_MODE = 0o644;
const MAX_HEADER_BYTES = 1_024 * 1_024;
/** Sets of thousands of validators, and the votes that are open. */
const MAX_STATE_BYTES = 1_024 * 1_024;
const MAX_FILE_BYTES = 2 * (MAX_HEADER_BYTES + MAX_STATE_BYTES) + 4 * 1_024;

/** A block that the operator vouches for, and what its engine knows after it: where a chain may begin in place of genesis. */
export interface Checkpoint {
  readonly chainId: number;
  readonly genesisHash: Uint8Array;
  readonly number: number;
  readonly hash: Uint8Array;
  /** Header RLP. */
  readonly header: Uint8Array;
  /** EngineState.encoded, the validator set in it. */
  readonly state: Uint8Array;
}

const height = z.int().nonnegative();
const hash = hexOf(32, 32);

function hexOf(minBytes: number, maxBytes: number) {
  return z.string().transform((text, context): Uint8Array => {
    const bytes = text.startsWith('0x') ? fromHex(text) : undefined;
    if (bytes !== undefined && bytes.length >= minBytes && bytes.length <= maxBytes) return bytes;
    const size = minBytes === maxBytes ? `${maxBytes}` : `${minBytes} to ${maxBytes}`;
    context.addIssue({ code: 'custom', message: `expected 0x and the hex of ${size} bytes` });
    return z.NEVER;
  });
}

/** docs/archive.md describes the file. */
const checkpointSchema = z.strictObject({
  chainId: height,
  genesisHash: hash,
  number: height,
  hash,
  header: hexOf(1, MAX_HEADER_BYTES),
  state: hexOf(0, MAX_STATE_BYTES),
});

/**
 * Reads a checkpoint file. That `hash` is the hash of `header`, and `state` one of the engine, is for its caller to check.
 * @throws {BlockchainError} BLOCKCHAIN.CHECKPOINT_INVALID
 */
export async function readCheckpoint(path: string): Promise<Checkpoint> {
  const result = checkpointSchema.safeParse(parseJson(path, await readText(path)));
  if (!result.success) {
    const faults = result.error.issues.map(
      ({ path: at, message }) => `${at.join('.') || 'file'}: ${message}`,
    );
    throw invalid(path, faults.join('; '));
  }
  const checkpoint = result.data;
  const number = headerNumber(path, checkpoint.header);
  if (number !== checkpoint.number) {
    throw invalid(path, `the header is of block ${number}, not ${checkpoint.number}`);
  }
  return checkpoint;
}

/**
 * Writes a checkpoint file, which must not exist, and brings it to the disk.
 * @throws {BlockchainError} BLOCKCHAIN.CHECKPOINT_INVALID when it cannot be written
 */
export async function writeCheckpoint(path: string, checkpoint: Checkpoint): Promise<void> {
  const { chainId, genesisHash, number, hash, header, state } = checkpoint;
  const content = {
    chainId,
    genesisHash: toHex(genesisHash),
    number,
    hash: toHex(hash),
    header: toHex(header),
    state: toHex(state),
  };
  const file = await open(path, 'wx', FILE_MODE).catch((cause: unknown) => {
    throw invalid(path, osErrorText(cause), cause);
  });
  try {
    await writeAll(file, `${JSON.stringify(content, undefined, 2)}\n`);
  } catch (cause) {
    await rm(path, { force: true });
    throw invalid(path, osErrorText(cause), cause);
  }
}

async function writeAll(file: FileHandle, text: string): Promise<void> {
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
}

async function readText(path: string): Promise<string> {
  // Opening a pipe that nobody writes to could not be ended.
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK).catch((cause: unknown) => {
    throw invalid(path, osErrorText(cause), cause);
  });
  try {
    const stat = await file.stat();
    if (!stat.isFile()) throw invalid(path, 'not a regular file');
    if (stat.size > MAX_FILE_BYTES) throw invalid(path, `larger than ${MAX_FILE_BYTES} bytes`);
    return await file.readFile('utf8');
  } finally {
    await file.close();
  }
}

function parseJson(path: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw invalid(path, `not JSON: ${errorText(cause)}`, cause);
  }
}

function headerNumber(path: string, header: Uint8Array): number {
  try {
    return decodeHeader(header).number;
  } catch (cause) {
    throw invalid(path, `header: ${errorText(cause)}`, cause);
  }
}

function invalid(path: string, reason: string, cause?: unknown): BlockchainError {
  return new BlockchainError({ code: 'BLOCKCHAIN.CHECKPOINT_INVALID', path, reason }, cause);
}

import { open } from 'node:fs/promises';
import { arch, cpus, freemem, platform, release, totalmem } from 'node:os';
import { basename } from 'node:path';
import { gzipSync } from 'node:zlib';
import { osErrorText } from '../../common/os-error.js';
import { writeNewFile } from '../../config/write-new-file.js';
import { tarFile } from '../backup/tar-file.js';
import { type CommandContext, usageError } from '../command-context.js';
import { maskFor, maskSettings } from '../masked-text.js';
import { toJson } from '../output.js';
import { version } from '../version.js';
import type { LocalReport } from './doctor-local.js';

const MAX_LOG_BYTES = 1_048_576;
const FILE_MODE = 0o600;

/**
 * Writes what a bug report needs: versions, settings and where each came from, findings, status, peers, the end of the
 * log file. No key and no token is in it. The file must be new.
 */
export async function writeBundle(
  path: string,
  { clock }: CommandContext,
  { loaded, status, peers }: LocalReport,
  report: object,
): Promise<void> {
  const isJson = path.endsWith('.json');
  if (!isJson && !/\.(tar\.gz|tgz)$/.test(path))
    throw usageError('--bundle: the file must end in .tar.gz or .json');
  const mask = await maskFor(loaded?.settings.node.dataDir ?? '');
  const parts: Record<string, unknown> = {
    version: version().json,
    machine: machine(),
    settings: maskSettings(loaded?.settings ?? {}),
    origins: loaded?.origins ?? {},
    warnings: loaded?.warnings ?? [],
    doctor: report,
    status: status === undefined ? null : { ...status, $typeName: undefined },
    peers: peers ?? null,
  };
  const log = await endOfLog(loaded?.settings.telemetry.logFile);
  const content = isJson
    ? Buffer.from(mask(toJson(clean({ ...parts, log: log ?? null }))))
    : tarball(parts, log, clock.nowMs(), basename(path).replace(/\.(tar\.gz|tgz)$/, ''), mask);
  try {
    await writeNewFile(path, content, FILE_MODE);
  } catch (error) {
    throw new Error(`open ${path}: ${osErrorText(error)}`, { cause: error });
  }
}

function tarball(
  parts: Record<string, unknown>,
  log: string | undefined,
  nowMs: number,
  folder: string,
  mask: (text: string) => string,
): Buffer {
  // A name from the command line may be longer than the archive's can be.
  const root = folder.replace(/[^\w.-]/g, '_').slice(0, 60) || 'bundle';
  const entries = Object.entries(parts).map(([name, value]) => ({
    name: `${root}/${name}.json`,
    content: Buffer.from(`${mask(toJson(clean(value)))}\n`),
  }));
  if (log !== undefined) entries.push({ name: `${root}/log.txt`, content: Buffer.from(mask(log)) });
  return gzipSync(tarFile(entries, nowMs));
}

/** What JSON has no word for is left out. */
function clean(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(clean);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, inner]) =>
      inner === undefined || name === '$typeName' ? [] : [[name, clean(inner)]],
    ),
  );
}

function machine() {
  return {
    node: process.version,
    platform: platform(),
    release: release(),
    arch: arch(),
    cpus: cpus().length,
    memory_bytes: totalmem(),
    free_memory_bytes: freemem(),
  };
}

/** Undefined when there is no log file, or it cannot be read. */
async function endOfLog(path: string | undefined): Promise<string | undefined> {
  if (path === undefined || path === '') return undefined;
  const file = await open(path, 'r').catch(() => undefined);
  if (file === undefined) return undefined;
  try {
    const { size } = await file.stat();
    const bytes = Buffer.alloc(Math.min(size, MAX_LOG_BYTES));
    const { bytesRead } = await file.read(bytes, 0, bytes.length, size - bytes.length);
    return bytes.toString('utf8', 0, bytesRead);
  } finally {
    await file.close();
  }
}

import { execFile } from 'node:child_process';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';

const root = resolve(import.meta.dirname, '../..');

/** Bundles `edgekeeper/verifier` as the build does, into a new folder; in a process of its own, as bundlers want. */
export async function bundledVerifier(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'edgekeeper-verifier-'));
  const script = join(root, 'scripts/bundle-verifier.mjs');
  await promisify(execFile)(process.execPath, [script, folder], { cwd: root });
  return folder;
}

import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const root = resolve(import.meta.dirname, '../..');

/** The package as npm would publish it, installed in a folder of its own beside the packages that it needs. */
export class PackedPackage {
  private constructor(
    readonly folder: string,
    readonly tarball: string,
  ) {}

  static async install(): Promise<PackedPackage> {
    const folder = await mkdtemp(join(tmpdir(), 'edgekeeper-packed-'));
    const pack = ['pack', '--ignore-scripts', '--json', '--pack-destination', folder];
    const { stdout } = await run('npm', pack, { cwd: root, maxBuffer: 1 << 26 });
    const [{ filename }] = JSON.parse(stdout) as [{ filename: string }];
    const installed = join(folder, 'node_modules/edgekeeper');
    await mkdir(installed, { recursive: true });
    await run('tar', ['-xzf', join(folder, filename), '-C', installed, '--strip-components', '1']);
    for (const name of await readdir(join(root, 'node_modules'))) {
      if (name.startsWith('.')) continue;
      await symlink(join(root, 'node_modules', name), join(folder, 'node_modules', name));
    }
    return new PackedPackage(folder, join(folder, filename));
  }

  /** Copies an example beside the package. @returns Its folder */
  async withExample(name: string): Promise<string> {
    const target = join(this.folder, name);
    await cp(join(root, 'examples', name), target, { recursive: true });
    return target;
  }

  /** Installs a package that lies in a folder. */
  async link(name: string, folder: string): Promise<void> {
    const target = join(this.folder, 'node_modules', name);
    await mkdir(join(target, '..'), { recursive: true });
    await cp(folder, target, { recursive: true });
  }

  /** Runs Node to its end; what it printed. Fails when it does. Folders that it makes for a while are ours. */
  async node(args: readonly string[], env: Record<string, string> = {}, cwd = this.folder): Promise<string> {
    const { NODE_OPTIONS: _, ...inherited } = process.env;
    const options = {
      cwd,
      env: { ...inherited, TMPDIR: this.folder, ...env },
      timeout: 120_000,
      maxBuffer: 1 << 26,
    };
    const { stdout, stderr } = await run(process.execPath, args, options);
    return stdout + stderr;
  }

  /** A program of our own packages. */
  bin(path: string): string {
    return join(root, 'node_modules', path);
  }

  async remove(): Promise<void> {
    await rm(this.folder, { recursive: true, force: true });
  }
}

import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { loadSettings } from '../../src/config/load.js';
import { defaultSettings } from '../../src/config/schema.js';
import { runCli } from '../support/cli.js';

const home = process.cwd();
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'edgekeeper-export-'));
  process.chdir(folder);
});
afterEach(() => {
  process.chdir(home);
  rmSync(folder, { recursive: true });
});

describe('server export', () => {
  it.each(['yaml', 'yml', 'json'])('writes what changes nothing when it is read: %s', async (type) => {
    const { stdout, exitCode } = await runCli(['server', 'export', '--type', type]);
    expect({ stdout, exitCode }).toEqual({
      stdout: '\n[EXPORT SUCCESS]\nConfiguration file successfully exported\n\n',
      exitCode: 0,
    });
    const flags = { config: `default-config.${type}`, 'data-dir': 'd' };
    const { settings, warnings } = loadSettings({ flags, needsChainFile: false, env: {} });
    expect(settings).toEqual({ ...defaultSettings, node: { ...defaultSettings.node, dataDir: 'd' } });
    expect(warnings).toEqual([]);
  });

  it('writes yaml unless told otherwise, and over nothing', async () => {
    expect((await runCli(['server', 'export'])).exitCode).toBe(0);
    const before = readFileSync('default-config.yaml', 'utf8');
    expect(before).toContain('network:\n    no_discover: false\n    libp2p_addr: 127.0.0.1:1478\n');
    const again = await runCli(['server', 'export']);
    expect(again).toMatchObject({
      exitCode: 1,
      stderr: 'failed to create config file open default-config.yaml: file exists\n',
    });
    expect(readFileSync('default-config.yaml', 'utf8')).toBe(before);
  });

  it('knows two kinds of files', async () => {
    const { stderr, exitCode } = await runCli(['server', 'export', '--type', 'toml']);
    expect({ stderr, exitCode }).toEqual({
      stderr: 'invalid file type, only yaml and json are supported\n',
      exitCode: 1,
    });
  });
});

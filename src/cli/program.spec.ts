import { describe, expect, it } from '@jest/globals';
import { cliFixture, runCli } from '../../test/support/cli.js';
import { SETTINGS } from '../config/settings-table.js';

describe('version', () => {
  const withoutRelease = (text: string) => text.replace(/(Release version = |"version":")[^"\n]*/, '$1');

  it.each([
    { fixture: 'version.txt', flags: [] },
    { fixture: 'version.json.txt', flags: ['--json'] },
  ])('prints $fixture', async ({ fixture, flags }) => {
    const run = await runCli(['version', ...flags]);
    expect(withoutRelease(run.stdout)).toBe(withoutRelease(cliFixture(fixture).stdout));
    expect(run).toMatchObject({ stderr: '', exitCode: 0 });
    expect(run.stdout).toMatch(/\d+\.\d+\.\d+/);
  });

  it('takes --json for present, whatever its value and place', async () => {
    const { stdout } = await runCli(['version', '--json']);
    expect((await runCli(['version', '--json=false'])).stdout).toBe(stdout);
    expect((await runCli(['--json', 'version'])).stdout).toBe(stdout);
  });
});

describe('license', () => {
  it('shows the file, and names the license to programs', async () => {
    const text = await runCli(['license']);
    expect(text).toMatchObject({ stderr: '', exitCode: 0 });
    expect(text.stdout).toMatch(/^\n\[LICENSE\]\n\n {33}Apache License\n/);
    expect(text.stdout).toContain('END OF TERMS AND CONDITIONS');
    const json = await runCli(['license', '--json']);
    expect(json.stdout).toBe('{"license":"Apache-2.0","bsd_licenses":[]}\n');
  });
});

describe('wrong calls', () => {
  it.each([
    { args: ['nosuch'], says: 'unknown command "nosuch" for "edgekeeper"' },
    { args: ['peers', 'nosuch'], says: 'unknown command "nosuch" for "edgekeeper peers"' },
    { args: ['help', 'nosuch'], says: 'unknown command "nosuch" for "edgekeeper"' },
    { args: ['help', 'peers', 'nosuch'], says: 'unknown command "nosuch" for "edgekeeper peers"' },
    { args: ['status', 'extra'], says: 'unknown command "extra" for "edgekeeper status"' },
    { args: ['status', '--nosuch'], says: 'unknown flag: --nosuch' },
    { args: ['peers', 'add', '--addr'], says: 'flag needs an argument: --addr' },
  ])('$args', async ({ args, says }) => {
    expect(await runCli(args)).toEqual({ stdout: '', stderr: `${says}\n`, exitCode: 1 });
    const json = await runCli([...args, '--json']);
    if (!says.includes('--addr')) expect(JSON.parse(json.stderr)).toEqual({ error: says });
    expect(json).toMatchObject({ stdout: '', exitCode: 1 });
  });
});

describe('help', () => {
  it.each([[], ['--help'], ['peers'], ['secrets'], ['help', 'status'], ['status', '--help']])(
    'is no failure: %j',
    async (...args) => {
      const run = await runCli(args);
      expect(run.stdout).toContain('Usage: edgekeeper');
      expect(run).toMatchObject({ stderr: '', exitCode: 0 });
    },
  );

  it('is of the command that the words lead to', async () => {
    const { stdout } = await runCli(['help', 'peers', 'add']);
    expect(stdout).toBe((await runCli(['peers', 'add', '--help'])).stdout);
  });

  it('is no failure where the process is to end with one for another reason', async () => {
    const { exitCode } = process;
    process.exitCode = 1;
    try {
      expect(await runCli(['help', 'status'])).toMatchObject({ stderr: '', exitCode: 0 });
    } finally {
      process.exitCode = exitCode;
    }
  });

  it('lists every flag of the server that Go lists', async () => {
    const { stdout } = await runCli(['server', '--help']);
    for (const { flag, hidden } of SETTINGS) {
      if (hidden) expect(stdout).not.toMatch(new RegExp(`--${flag} `));
      else expect(stdout).toMatch(new RegExp(`--${flag}\\b`));
    }
    expect(stdout).toContain('(default 127.0.0.1:1478)');
  });
});

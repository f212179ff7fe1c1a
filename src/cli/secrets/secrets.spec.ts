import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { cliFixture, runCli } from '../../../test/support/cli.js';

const fixtures = new URL('../../../test/fixtures/secrets', import.meta.url).pathname;

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'edgekeeper-cli-secrets-'));
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** A data folder with the keys of the recorded node. */
function recordedFolder(): string {
  mkdirSync(join(folder, 'libp2p'));
  mkdirSync(join(folder, 'consensus'));
  cpSync(join(fixtures, 'libp2p.key'), join(folder, 'libp2p/libp2p.key'));
  cpSync(join(fixtures, 'validator.key'), join(folder, 'consensus/validator.key'));
  cpSync(join(fixtures, 'validator-bls.key'), join(folder, 'consensus/validator-bls.key'));
  return folder;
}

/** Keys are drawn anew each time; the rest of the output is compared. */
const withoutKeys = (text: string) =>
  text
    .replace(/0x[0-9a-fA-F]{40}\b/g, '<address>')
    .replace(/0x[0-9a-f]{96}/g, '<bls>')
    .replace(/16Uiu2HA\w{45}/g, '<id>');

describe('secrets output', () => {
  it.each([
    { fixture: 'secrets-output.txt', flags: [] },
    { fixture: 'secrets-output.json.txt', flags: ['--json'] },
    { fixture: 'secrets-output-node-id.txt', flags: ['--node-id'] },
  ])('prints $fixture', async ({ fixture, flags }) => {
    const run = await runCli(['secrets', 'output', '--data-dir', recordedFolder(), ...flags]);
    expect(run).toEqual({ stdout: cliFixture(fixture).stdout, stderr: '', exitCode: 0 });
  });

  it.each([
    { flags: ['--validator'], stdout: '0x771d60069b646fc847a28089c8738bE1CA78849e\n' },
    {
      flags: ['--validator', '--json'],
      stdout: '{"address":"0x771d60069b646fc847a28089c8738bE1CA78849e"}\n',
    },
    { flags: ['--bls', '--json'], stdout: /^\{"bls":"0x[0-9a-f]{96}"\}\n$/ },
    { flags: ['--bls'], stdout: /^0x[0-9a-f]{96}\n$/ },
    { flags: ['--node-id', '--json'], stdout: /^\{"node_id":"16Uiu2HA\w+"\}\n$/ },
    { flags: ['--bls=false', '--node-id=true'], stdout: /^16Uiu2HA\w+\n$/ },
  ])('prints one of them: $flags', async ({ flags, stdout }) => {
    const run = await runCli(['secrets', 'output', '--data-dir', recordedFolder(), ...flags]);
    expect(run.stdout).toEqual(typeof stdout === 'string' ? stdout : expect.stringMatching(stdout));
  });

  it('shows what is missing as <none>', async () => {
    rmSync(join(recordedFolder(), 'consensus/validator-bls.key'));
    const run = await runCli(['secrets', 'output', '--data-dir', folder]);
    expect(run.stdout).toContain('BLS Public key       = <none>\n');
  });

  it.each([
    { args: [], says: /no config file or data directory passed in/ },
    { args: ['--config', 'x'], says: /unsupported secrets manager/ },
    { args: ['--data-dir', 'missing'], says: /the data directory provided does not exist: .*missing/ },
    { args: ['--data-dir', tmpdir()], says: /no validator keys found .*; no network key found/ },
    { args: ['--data-dir', 'x', '--bls', '--node-id'], says: /exclude each other/ },
  ])('fails on $args', async ({ args, says }) => {
    const run = await runCli(['secrets', 'output', ...args]);
    expect(run.stderr).toMatch(says);
    expect(run).toMatchObject({ stdout: '', exitCode: 1 });
  });

  it('names a key file that is damaged and shows nothing of it', async () => {
    rmSync(join(recordedFolder(), 'consensus/validator.key'));
    cpSync(join(fixtures, 'libp2p.key'), join(folder, 'consensus/validator.key'));
    const run = await runCli(['secrets', 'output', '--data-dir', folder]);
    expect(run.stderr).toContain('consensus/validator.key');
    expect(run.stderr).not.toContain(readFileSync(join(fixtures, 'libp2p.key'), 'latin1').slice(8, 40));
  });
});

describe('secrets init', () => {
  it.each([
    { fixture: 'secrets-init.txt', flags: [] },
    { fixture: 'secrets-init.json.txt', flags: ['--json'] },
  ])('prints $fixture', async ({ fixture, flags }) => {
    const run = await runCli(['secrets', 'init', '--data-dir', join(folder, 's'), '--insecure', ...flags]);
    expect(withoutKeys(run.stdout)).toBe(withoutKeys(cliFixture(fixture).stdout));
    expect(run).toMatchObject({ stderr: '', exitCode: 0 });
  });

  it('never makes a key twice', async () => {
    const args = ['secrets', 'init', '--data-dir', folder, '--insecure'];
    await runCli(args);
    const before = readFileSync(join(folder, 'consensus/validator.key'));
    const again = await runCli(args);
    expect(again).toEqual({ stdout: '', stderr: cliFixture('secrets-init-again.txt').stderr, exitCode: 1 });
    expect(readFileSync(join(folder, 'consensus/validator.key'))).toEqual(before);
  });

  it('makes only what is wanted', async () => {
    const run = await runCli([
      ...['secrets', 'init', '--data-dir', folder, '--insecure', '--ecdsa=false', '--bls=false', '--json'],
    ]);
    expect(existsSync(join(folder, 'consensus'))).toBe(false);
    expect(withoutKeys(run.stdout)).toBe(
      '[{"address":"<address>","bls_pubkey":"","node_id":"<id>","insecure":true}]\n',
    );
    expect(run.stdout).toContain(`0x${'0'.repeat(40)}`);
  });

  it('leaves out the BLS row without a BLS key', async () => {
    const run = await runCli([
      'secrets',
      'init',
      '--data-dir',
      folder,
      '--insecure',
      '--bls=false',
      '--network=false',
    ]);
    expect(withoutKeys(run.stdout)).toBe(
      '\n[WARNING: INSECURE LOCAL SECRETS - SHOULD NOT BE RUN IN PRODUCTION]\n\n' +
        '[SECRETS INIT]\nPublic key (address) = <address>\nNode ID              = <none>\n\n',
    );
  });

  it('numbers several folders', async () => {
    const run = await runCli([
      'secrets',
      'init',
      '--data-dir',
      join(folder, 'node-'),
      '--num',
      '2',
      '--insecure',
      '--json',
    ]);
    expect(JSON.parse(run.stdout)).toHaveLength(2);
    expect(existsSync(join(folder, 'node-1/libp2p/libp2p.key'))).toBe(true);
    expect(existsSync(join(folder, 'node-2/libp2p/libp2p.key'))).toBe(true);
  });

  it.each([
    { args: ['--data-dir', 'x'], says: /--insecure flag/ },
    { args: ['--data-dir', 'x', '--insecure=false'], says: /--insecure flag/ },
    { args: ['--data-dir', 'x', '--insecure=maybe'], says: /true or false/ },
    { args: ['--insecure'], says: /no config file or data directory passed in/ },
    { args: ['--config', 'x'], says: /unsupported secrets manager/ },
    { args: ['--data-dir', 'x', '--insecure', '--num', '0'], says: /between 1 and 30/ },
    { args: ['--data-dir', 'x', '--insecure', '--num', '31'], says: /between 1 and 30/ },
    { args: ['--data-dir', 'x', '--insecure', '--num', 'x'], says: /between 1 and 30/ },
  ])('fails on $args', async ({ args, says }) => {
    const run = await runCli(['secrets', 'init', ...args]);
    expect(run.stderr).toMatch(says);
    expect(run).toMatchObject({ stdout: '', exitCode: 1 });
    expect(existsSync('x')).toBe(false);
  });
});

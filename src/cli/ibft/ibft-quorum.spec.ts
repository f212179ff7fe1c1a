import { chmodSync, mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { COMMON, IbftGenesisFile, POA, parsed, withIbft } from '../../../test/support/ibft-genesis.js';

let file: IbftGenesisFile;
let folder: string;
let path: string;
beforeEach(() => {
  file = new IbftGenesisFile();
  ({ folder, path } = file);
});
afterEach(() => file.remove());

const ibft = (...args: readonly string[]) => file.run(...args);
const written = () => file.read();

describe('ibft quorum', () => {
  it('changes the file as the Go client does', async () => {
    expect(await ibft('quorum', '--from', '100')).toEqual({
      stdout: `\n[NEW IBFT QUORUM START]\nChain = ${path}\nFrom  = 100\n\n`,
      stderr: '',
      exitCode: 0,
    });
    const config = { ...COMMON, quorumSizeBlockNum: 100, type: 'PoA', validator_type: 'ecdsa' };
    expect(parsed(written())).toEqual(withIbft(POA, config));
    const again = await ibft('quorum', '--from', '0x10', '--json');
    expect(JSON.parse(again.stdout)).toEqual({ chain: path, from: '0x10' });
    expect(parsed(written())).toEqual(withIbft(POA, { ...config, quorumSizeBlockNum: 16 }));
  });

  it.each([
    { layout: 'four spaces', text: POA },
    { layout: 'tabs', text: JSON.stringify(JSON.parse(POA), null, '\t') },
    { layout: 'one line', text: JSON.stringify(JSON.parse(POA)) },
    {
      layout: 'names in another case',
      text: POA.replace('"params"', '"Params"').replace('"engine"', '"ENGINE"'),
    },
    {
      layout: 'what only others read',
      text: POA.replace('{', '{"big": 12345678901234567890, "b": {"9":1,"1":2},'),
    },
  ])('keeps all else to the letter: $layout', async ({ text }) => {
    writeFileSync(path, text);
    chmodSync(path, 0o640);
    expect((await ibft('quorum', '--from', '7')).exitCode).toBe(0);
    expect(written()).not.toBe(text);
    expect(written().replace(/,\s*"quorumSizeBlockNum":\s?7/, '')).toBe(text);
    expect(statSync(path).mode & 0o777).toBe(0o640);
    expect(readdirSync(folder)).toEqual(['genesis.json']);
  });

  it.each([
    { args: [], says: 'required flag(s) "from" not set' },
    {
      args: ['--from', '-1'],
      says: 'invalid argument "-1" for "--from" flag: strconv.ParseUint: parsing "-1": invalid syntax',
    },
    {
      args: ['--from', '9007199254740992'],
      says: 'invalid argument "9007199254740992" for "--from" flag: must be below 2^53',
    },
  ])('refuses $args', async ({ args, says }) => {
    expect(await ibft('quorum', ...args)).toEqual({ stdout: '', stderr: `${says}\n`, exitCode: 1 });
    expect(written()).toBe(POA);
  });

  it.each([
    {
      name: 'of another engine',
      text: POA.replace('"ibft"', '"dev"'),
      says: '"ibft" setting doesn\'t exist in',
    },
    { name: 'that is no JSON', text: '{', says: 'not JSON' },
    {
      name: 'that a node would refuse',
      text: POA.replace('"epochSize": 10', '"epochSize": 0'),
      says: 'epochSize',
    },
    {
      name: 'with a part twice',
      text: POA.replace('"params"', '"Params": {}, "params"'),
      says: '"params" must be',
    },
  ])('takes no file $name', async ({ text, says }) => {
    writeFileSync(path, text);
    const { stdout, stderr, exitCode } = await ibft('quorum', '--from', '5');
    expect({ stdout, exitCode }).toEqual({ stdout: '', exitCode: 1 });
    expect(stderr).toContain(says);
    expect(written()).toBe(text);
  });

  it('says why a file cannot be read', async () => {
    rmSync(path);
    const missing = await ibft('quorum', '--from', '5', '--json');
    expect(JSON.parse(missing.stderr)).toEqual({
      error: `failed to load chain config from ${path}: open ${path}: no such file or directory`,
    });
    mkdirSync(path);
    const isFolder = await ibft('quorum', '--from', '5');
    expect(isFolder.stderr).toBe(`failed to load chain config from ${path}: read ${path}: is a directory\n`);
  });
});

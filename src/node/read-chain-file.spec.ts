import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { aGenesisText } from '../../test/support/genesis-texts.js';
import { readChainFile } from './read-chain-file.js';

const ID = '16Uiu2HAmJxxH1tScDX2rLGSU9exnuvZKNM9SoK3v315azp68DLPW';

describe(readChainFile.name, () => {
  let folder: string;
  let path: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'edgekeeper-chain-file-'));
    path = join(folder, 'genesis.json');
  });
  afterAll(() => rm(folder, { recursive: true }));

  async function readWith(bootnodes: readonly string[]) {
    await writeFile(path, JSON.stringify({ ...JSON.parse(aGenesisText()), bootnodes }));
    return readChainFile(path);
  }

  it('reads the chain', async () => {
    const bootnodes = [`/ip4/127.0.0.1/tcp/1478/p2p/${ID}`, `/dns4/node.example/tcp/1478/p2p/${ID}`];
    expect((await readWith(bootnodes)).bootnodes).toEqual(bootnodes);
  });

  it.each([
    { name: 'text', node: 'nonsense' },
    { name: 'an address without a peer', node: '/ip4/127.0.0.1/tcp/1478' },
    { name: 'a peer without an address', node: `/p2p/${ID}` },
    { name: 'a bad peer ID', node: '/ip4/127.0.0.1/tcp/1478/p2p/x' },
  ])('refuses $name as a bootnode', async ({ node }) => {
    await expect(readWith([`/ip4/127.0.0.1/tcp/1478/p2p/${ID}`, node])).rejects.toMatchObject({
      code: 'BLOCKCHAIN.GENESIS_INVALID',
      detail: { faults: [expect.stringMatching(/^bootnodes\.1: /)] },
    });
  });

  it.each([
    { name: 'a folder', file: () => folder, text: () => `read ${folder}: is a directory` },
    {
      name: 'a file that is not there',
      file: () => join(folder, 'none'),
      text: () => `open ${join(folder, 'none')}: no such file or directory`,
    },
  ])('names $name that cannot be read', async ({ file, text }) => {
    await expect(readChainFile(file())).rejects.toMatchObject({ code: 'CONFIG.INVALID', message: text() });
  });
});

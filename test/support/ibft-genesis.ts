import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runCli } from './cli.js';
import { readFixtureText } from './fixtures.js';

/** Made by the Go client: PoA with ECDSA keys. */
export const POA = readFixtureText('ibft-poa-rounds/genesis.json');
/** What stands in its configuration of IBFT beside the kinds of validators. */
export const COMMON = { blockTime: 1_000_000_000, epochSize: 10 };

interface GenesisJson {
  readonly params: { readonly engine: { readonly ibft: Record<string, unknown> } };
}

export const parsed = (text: string) => JSON.parse(text) as GenesisJson;

/** A genesis file with this configuration of IBFT. */
export const withIbft = (text: string, config: object) => {
  const file = parsed(text);
  return { ...file, params: { ...file.params, engine: { ibft: config } } };
};

/** That genesis file in a folder of its own, and the commands that change it. */
export class IbftGenesisFile {
  readonly folder = mkdtempSync(join(tmpdir(), 'edgekeeper-ibft-'));
  readonly path = join(this.folder, 'genesis.json');

  constructor() {
    writeFileSync(this.path, POA);
  }

  run(...args: readonly string[]) {
    return runCli(['ibft', ...args, '--chain', this.path]);
  }

  read(): string {
    return readFileSync(this.path, 'utf8');
  }

  remove(): void {
    rmSync(this.folder, { recursive: true });
  }
}

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { Random } from '../../src/common/random.js';
import { DAMAGES } from './damage-kinds.js';
import { votedChain } from './known-chain.js';
import { openNode, type StoreKind, storePath } from './open-node.js';
import type { Findings } from './told.js';

/** Blocks of the chain, all but the last of which are in the store that is damaged. */
export const DAMAGED_BLOCKS = 3_000;
const STORED_BLOCKS = 2_700;
const READER = new URL('./damaged-reader.js', import.meta.url).pathname;
/** Files with records; the others of a folder are locks and logs. */
const DATA_FILE = /^(data\.mdb|\d+\.(ldb|log)|MANIFEST-\d+|CURRENT)$/;

export interface DamageTotals {
  cases: number;
  /** Nothing of what is read was hit. */
  unhurt: number;
  /** Opened; some answers were errors with a code. */
  partly: number;
  /** Not opened, with a code. */
  refused: number;
  crashes: string[];
  wrong: string[];
  /** Damage that was met and that `verify --store` did not name. */
  unnamed: string[];
}

/** Damages copies of a closed store, one way each, and sees what is made of them. */
export async function damageStores(
  cases: number,
  store: StoreKind,
  random: Random,
  onCase: (totals: DamageTotals) => void,
): Promise<DamageTotals> {
  const totals: DamageTotals = {
    cases: 0,
    unhurt: 0,
    partly: 0,
    refused: 0,
    crashes: [],
    wrong: [],
    unnamed: [],
  };
  const parent = mkdtempSync(join(tmpdir(), 'edgekeeper-damage-'));
  try {
    const sound = join(parent, 'sound');
    await fill(sound, store);
    for (; totals.cases < cases; onCase(totals)) {
      const folder = join(parent, 'damaged');
      cpSync(sound, folder, { recursive: true });
      const damage = DAMAGES[totals.cases % DAMAGES.length];
      const name = `case ${totals.cases}, ${damage?.name}`;
      const files = readdirSync(storePath(folder)).filter((file) => DATA_FILE.test(file));
      const file = join(storePath(folder), files[random.below(files.length)] ?? '');
      if (damage !== undefined) writeFileSync(file, damage.apply(readFileSync(file), random));
      judge(name, await read(folder, store), totals);
      rmSync(folder, { recursive: true });
      totals.cases += 1;
    }
  } finally {
    rmSync(parent, { recursive: true, force: true });
  }
  return totals;
}

async function fill(folder: string, store: StoreKind): Promise<void> {
  const known = votedChain(DAMAGED_BLOCKS);
  const { chain } = await openNode(folder, store, known.genesisText);
  for (let from = 0; from < STORED_BLOCKS; from += 100) {
    await chain.insert(known.blocks.slice(from, from + 100), { source: 'sync' });
  }
  await chain.close();
}

/** @returns what the process found, or how it ended */
async function read(folder: string, store: StoreKind): Promise<Findings | string> {
  const child = spawn(process.execPath, [READER, JSON.stringify({ folder, store })], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const exited = once(child, 'exit');
  const [said, complained] = await Promise.all([text(child.stdout), text(child.stderr)]);
  const [code, signal] = await exited;
  if (code === 0) return JSON.parse(said) as Findings;
  return `${signal ?? `code ${code}`}: ${complained.trim().slice(-300)}`;
}

function judge(name: string, found: Findings | string, totals: DamageTotals): void {
  if (typeof found === 'string') {
    totals.crashes.push(`${name}: ${found}`);
    return;
  }
  const { refused, refusals, wrong, verified } = found;
  if (wrong.length > 0) totals.wrong.push(`${name}: ${wrong.slice(0, 3).join(', ')} (${wrong.length})`);
  if (refused !== undefined) totals.refused += 1;
  else if (refusals > 0) totals.partly += 1;
  else totals.unhurt += 1;
  if ((refused !== undefined || refusals > 0) && verified === '')
    totals.unnamed.push(`${name}: ${refused ?? refusals}`);
}

import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Random } from '../../src/common/random.js';
import { type KillTotals, life, MAX_FAULTS, noTotals } from './kills.js';
import { longFolder } from './long-chain.js';
import type { StoreKind } from './open-node.js';

const KILLS = 5;

/** Kills a node on a long chain, and measures how soon the next one is ready. */
export async function restartLong(store: StoreKind, random: Random): Promise<KillTotals> {
  const totals = noTotals();
  const parent = mkdtempSync(join(tmpdir(), 'edgekeeper-crash-'));
  try {
    const folder = join(parent, 'long');
    cpSync(await longFolder(store), folder, { recursive: true });
    const ground = { folder, announced: -1 };
    while (totals.kills < KILLS && totals.faults.length < MAX_FAULTS) {
      const seed = random.below(2 ** 30);
      const isDone = await life({ folder, store, workload: 'long', seed }, ground, random, totals);
      if (isDone) break;
    }
  } finally {
    rmSync(parent, { recursive: true, force: true });
  }
  return totals;
}

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Random } from '../../src/common/random.js';
import type { StoreKind } from './open-node.js';
import type { SyncingNodeOptions, Told } from './told.js';
import type { WorkloadName } from './workloads.js';

const NODE = new URL('./syncing-node.js', import.meta.url).pathname;
/** One kind for each kill, by chance. */
const MIX: readonly WorkloadName[] = ['sync', 'sync', 'sync', 'prune', 'reorg'];
const MAX_HEADS = 12;
const MAX_DELAY_MS = 40;
/** One of so many is killed while it opens and checks what the one before left. */
const KILLED_EARLY = 8;
const MAX_EARLY_MS = 1_500;
/** So many are enough to know; a node that ends by itself each time would never be killed. */
export const MAX_FAULTS = 20;

export interface KillTotals {
  kills: number;
  /** Of these, before the node was ready. */
  early: number;
  starts: number;
  faults: string[];
  openMs: number[];
  /** From the start of the process. */
  startMs: number[];
  highest: number;
}

export function noTotals(): KillTotals {
  return { kills: 0, early: 0, starts: 0, faults: [], openMs: [], startMs: [], highest: 0 };
}

/** A data folder, and what the processes that died on it had announced. */
export interface Ground {
  readonly folder: string;
  announced: number;
}

/** Kills nodes until there were as many kills; each start looks at all that the kill before left. */
export async function killNodes(
  kills: number,
  store: StoreKind,
  random: Random,
  onKill: (totals: KillTotals) => void,
): Promise<KillTotals> {
  const totals = noTotals();
  const grounds = new Map<WorkloadName, Ground>();
  const parent = mkdtempSync(join(tmpdir(), 'edgekeeper-crash-'));
  try {
    while (totals.kills < kills && totals.faults.length < MAX_FAULTS) {
      const workload = MIX[random.below(MIX.length)] ?? 'sync';
      const ground = grounds.get(workload) ?? {
        folder: mkdtempSync(join(parent, `${workload}-`)),
        announced: -1,
      };
      grounds.set(workload, ground);
      const seed = random.below(2 ** 30);
      const isDone = await life({ folder: ground.folder, store, workload, seed }, ground, random, totals);
      if (isDone) grounds.delete(workload);
      else onKill(totals);
      if (isDone) rmSync(ground.folder, { recursive: true });
    }
    for (const [workload, ground] of grounds)
      await lastStart({ folder: ground.folder, store, workload, seed: 0 }, ground, totals);
  } finally {
    rmSync(parent, { recursive: true, force: true });
  }
  return totals;
}

/** One process from its start to its end. @returns whether it ended by itself */
export async function life(
  options: SyncingNodeOptions,
  ground: Ground,
  random: Random,
  totals: KillTotals,
): Promise<boolean> {
  const child = spawn(process.execPath, [NODE, JSON.stringify(options)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const startedMs = performance.now();
  const exited = once(child, 'exit') as Promise<[number | null, NodeJS.Signals | null]>;
  const kill = () => child.kill('SIGKILL');
  const isEarly = random.below(KILLED_EARLY) === 0;
  const early = isEarly ? setTimeout(kill, random.below(MAX_EARLY_MS)) : undefined;
  const heads = 1 + random.below(MAX_HEADS);
  const delayMs = random.below(MAX_DELAY_MS);
  let seen = 0;
  let isReady = false;
  let isDone = false;
  let late: NodeJS.Timeout | undefined;
  for await (const line of createInterface(child.stdout)) {
    const told = toldIn(line);
    judge(told, options, ground, totals);
    if (told.opened !== undefined) totals.startMs.push(performance.now() - startedMs);
    isReady ||= told.faults !== undefined;
    isDone ||= told.done === true;
    if (told.head !== undefined) seen += 1;
    if (seen >= heads) late ??= setTimeout(kill, delayMs);
  }
  const [code, signal] = await exited;
  clearTimeout(early);
  clearTimeout(late);
  if (signal !== 'SIGKILL' && !isDone)
    totals.faults.push(`${options.workload}: ended with ${code ?? signal}`);
  if (signal === 'SIGKILL') totals.kills += 1;
  if (signal === 'SIGKILL' && !isReady) totals.early += 1;
  return signal !== 'SIGKILL';
}

/** Starts what was killed last once more, to see what is left. */
async function lastStart(options: SyncingNodeOptions, ground: Ground, totals: KillTotals): Promise<void> {
  const child = spawn(process.execPath, [NODE, JSON.stringify(options)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = once(child, 'exit');
  let isSeen = false;
  for await (const line of createInterface(child.stdout)) {
    const told = toldIn(line);
    judge(told, options, ground, totals);
    isSeen ||= told.faults !== undefined;
    if (isSeen) child.kill('SIGKILL');
  }
  await exited;
  if (!isSeen) totals.faults.push(`${options.workload}: did not start`);
}

function judge(told: Told, { workload }: SyncingNodeOptions, ground: Ground, totals: KillTotals): void {
  const { opened, head, faults = [] } = told;
  for (const fault of faults) totals.faults.push(`${workload}: ${fault}`);
  if (opened !== undefined) {
    totals.starts += 1;
    totals.openMs.push(opened.openMs);
    totals.highest = Math.max(totals.highest, opened.head);
    if (opened.head < ground.announced) {
      totals.faults.push(`${workload}: head ${opened.head}, announced was ${ground.announced}`);
    }
  }
  if (head !== undefined) ground.announced = Math.max(ground.announced, head);
}

/** The last line of a killed process may be cut off. */
function toldIn(line: string): Told {
  try {
    return JSON.parse(line) as Told;
  } catch {
    return {};
  }
}

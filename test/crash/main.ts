import { parseArgs } from 'node:util';
import { SeededRandom } from '../sim/seeded-random.js';
import { damageStores } from './damage.js';
import { type KillTotals, killNodes } from './kills.js';
import { LONG_BLOCKS } from './long-chain.js';
import type { StoreKind } from './open-node.js';
import { restartLong } from './ready.js';

const PARTS = ['kills', 'ready', 'damage'] as const;
const PROGRESS = 20;
const MAX_SHOWN = 20;

/** Runs the parts that were named, all without names. @returns the exit code */
export async function main(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      kills: { type: 'string', default: '200' },
      cases: { type: 'string', default: '100' },
      seed: { type: 'string', default: '1' },
      store: { type: 'string', default: 'lmdb' },
    },
  });
  const kind = storeKind(values.store);
  const isUnknown = positionals.some((name) => !PARTS.some((part) => part === name));
  if (kind === undefined || isUnknown) {
    console.error(`usage: [${PARTS.join('] [')}] [--kills n] [--cases n] [--seed n] [--store lmdb|level]`);
    return 2;
  }
  const isWanted = (part: (typeof PARTS)[number]) => positionals.length === 0 || positionals.includes(part);
  const random = new SeededRandom(Number(values.seed));
  const faults: string[] = [];
  console.log(`store ${kind}, seed ${values.seed}, node ${process.version}`);
  if (isWanted('kills')) {
    const totals = await killNodes(Number(values.kills), kind, random, ({ kills, faults: { length } }) =>
      progress(kills, `kills, ${length} faults`),
    );
    showKills('kills while syncing, pruning and reorganising', totals, faults);
  }
  if (isWanted('ready')) {
    showKills(`restart at ${LONG_BLOCKS} blocks`, await restartLong(kind, random), faults);
  }
  if (isWanted('damage')) {
    const totals = await damageStores(Number(values.cases), kind, random, ({ cases }) =>
      progress(cases, 'cases'),
    );
    const { cases, unhurt, partly, refused, crashes, wrong, unnamed } = totals;
    console.log(
      `damage: ${cases} cases: ${unhurt} without effect, ${partly} with errors for what was hit, ${refused} refused; ` +
        `${wrong.length} wrong answers, ${crashes.length} crashes, ${unnamed.length} that verify did not name`,
    );
    faults.push(...wrong, ...crashes, ...unnamed);
  }
  for (const fault of faults.slice(0, MAX_SHOWN)) console.log(`FAULT ${fault}`);
  return faults.length === 0 ? 0 : 1;
}

function storeKind(text: string): StoreKind | undefined {
  return text === 'lmdb' || text === 'level' ? text : undefined;
}

function progress(count: number, what: string): void {
  if (count % PROGRESS === 0) console.error(`${count} ${what}`);
}

function showKills(what: string, totals: KillTotals, faults: string[]): void {
  const { kills, early, starts, openMs, startMs, highest } = totals;
  console.log(
    `${what}: ${kills} kills (${early} before it was ready), ${starts} starts, highest head ${highest}, ` +
      `${totals.faults.length} faults; opened in ${spread(openMs)}, from the start of the process ${spread(startMs)}`,
  );
  faults.push(...totals.faults);
}

/** Median and longest. */
function spread(times: readonly number[]): string {
  const sorted = times.toSorted((one, other) => one - other);
  const median = sorted[Math.floor(sorted.length / 2)] ?? 0;
  return `${Math.round(median)} ms, ${Math.round(sorted.at(-1) ?? 0)} ms at most`;
}

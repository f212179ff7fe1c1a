/** A node that syncs until it is killed: `node syncing-node.js '{"folder": …, "store": "lmdb", "workload": "sync", "seed": 1}'` */
import { writeSync } from 'node:fs';
import process from 'node:process';
import { SeededRandom } from '../sim/seeded-random.js';
import { openNode } from './open-node.js';
import type { SyncingNodeOptions, Told } from './told.js';
import { workload } from './workloads.js';

const STDOUT = 1;
const { folder, store, workload: name, seed } = JSON.parse(process.argv[2] ?? '{}') as SyncingNodeOptions;

/** Written at once: what was announced is known to whoever kills this process. */
function tell(told: Told): void {
  writeSync(STDOUT, `${JSON.stringify(told)}\n`);
}

const work = workload(name, folder);
const node = await openNode(folder, store, work.genesisText);
const { chain, openMs } = node;
tell({ opened: { head: chain.head()?.number ?? -1, tail: chain.info().tail, openMs } });
tell({ faults: await work.faults(node) });
chain.head$.subscribe(({ number }) => tell({ head: number }));
await work.run(node, new SeededRandom(seed));
await chain.close();
tell({ done: true });

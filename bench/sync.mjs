/**
 * Verified sync over loopback: a whole node of ours from one peer, which serves an archive; two processes. The clock runs
 * from the first block stored to the head. `npm run bench:sync -- [--only ecdsa-4] [--rounds 3] [--threads 2] [--json]`
 */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { at, ensureBuilt, ensureInstalled } from '../scripts/prepare.mjs';

const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    rounds: { type: 'string', default: '3' },
    threads: { type: 'string', default: '2' },
    only: { type: 'string' },
  },
});

/** Goals on two cores, blocks/s; what the Go client does, which executes as well. */
const scenarios = [
  { name: 'ecdsa-4', blocks: 20_000, goal: 4_000, go: 490 },
  { name: 'ecdsa-7', blocks: 20_000, goal: 2_500 },
  { name: 'bls-4', blocks: 10_000, goal: 1_200, go: 40 },
  { name: 'polybft-5', blocks: 5_000, goal: 800, go: 100 },
  { name: 'ecdsa-4-100-transactions', blocks: 2_000, goal: 400 },
].filter(({ name }) => values.only === undefined || values.only === name);

ensureInstalled();
ensureBuilt();
const results = [];
for (const scenario of scenarios) {
  const folder = chainOf(scenario);
  const stages = JSON.parse(
    execFileSync(process.execPath, [at('bench/sync-stages.mjs'), folder], { encoding: 'utf8' }),
  );
  const server = start('server', folder);
  const { address, head } = await server.event('ready');
  const rounds = [];
  for (let round = 0; round < Number(values.rounds); round++) {
    const client = start('client', folder, [address, values.threads], { BENCH_HEAD: `${head}` });
    rounds.push(await client.event('done'));
    await client.end();
  }
  await server.end();
  const sorted = rounds.toSorted((a, b) => a.blocksPerSecond - b.blocksPerSecond);
  const median = sorted[Math.floor(sorted.length / 2)];
  results.push({ ...scenario, ...median, best: sorted.at(-1).blocksPerSecond, stages });
}
print(results);

/** The folder of a chain; built when it is not there. */
function chainOf({ name, blocks }) {
  const folder = at(`.cache/bench/${name}-${blocks}`);
  if (!existsSync(`${folder}/backup.dat`)) {
    const args = ['--import', './scripts/typescript.mjs', 'bench/sync-chains.ts', name, `${blocks}`, folder];
    execFileSync(process.execPath, args, { cwd: at('.'), stdio: 'inherit' });
  }
  return folder;
}

function start(role, folder, args = [], env = {}) {
  const child = spawn(process.execPath, ['--expose-gc', at('bench/sync-node.mjs'), role, folder, ...args], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...process.env, ...env },
  });
  const lines = createInterface({ input: child.stdout });
  return {
    event: async (name) => {
      for await (const line of lines) {
        const message = JSON.parse(line);
        if (message.event === name) return message;
      }
      throw new Error(`the ${role} ended before it was ${name}`);
    },
    end: async () => {
      child.stdin.end();
      if (child.exitCode === null) await once(child, 'close');
    },
  };
}

function print(rows) {
  if (values.json)
    return console.log(
      JSON.stringify({ node: process.version, threads: values.threads, results: rows }, undefined, 2),
    );
  console.log(
    '| chain | blocks | blocks/s, median | best | goal | to the Go client | CPU us/block | loop p99, ms | memory, MB | before GC, MB |',
  );
  console.log('| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |');
  for (const r of rows) {
    const ratio = r.go === undefined ? '' : `${(r.blocksPerSecond / r.go).toFixed(1)}x`;
    console.log(
      `| ${r.name} | ${r.blocks} | ${r.blocksPerSecond} | ${r.best} | ${r.goal} | ${ratio} | ${r.cpuUsPerBlock} | ${r.delayP99Ms} | ${r.memoryMb} | ${r.peakMb} |`,
    );
  }
  console.log(
    '\n| chain | bytes/block | decode, hash us | examine us | judge us | store CPU us | store wall us | one recovery us |',
  );
  console.log('| --- | --- | --- | --- | --- | --- | --- | --- |');
  for (const { name, stages: s } of rows) {
    console.log(
      `| ${name} | ${s.bytesPerBlock} | ${s.decodeAndHashUs} | ${s.examineUs} | ${s.judgeUs} | ${s.storeCpuUs} | ${s.storeWallUs} | ${s.recoveryUs} |`,
    );
  }
}

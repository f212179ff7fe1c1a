/**
 * GetBlocks over loopback: {our node, Go peer} as server and client, two processes a pair.
 * The first round is cold and printed apart; the medians are of the next five. Ratios are to Go→Go of the same run.
 * `npm run bench:wire -- [--json] [--rounds 5]`
 */
import { execFileSync } from 'node:child_process';
import { parseArgs } from 'node:util';
import { ensureBuilt, ensureInstalled } from '../scripts/prepare.mjs';
import buildGoPeer from '../test/interop/build-go-peer.mjs';
import { startGo, startOurs } from './wire-peers.mjs';

const { values } = parseArgs({
  options: { json: { type: 'boolean', default: false }, rounds: { type: 'string', default: '5' } },
});
const rounds = Number(values.rounds);
const loads = [
  { size: 1_000, count: 200_000 },
  { size: 20_000, count: 20_000 },
];
const pairs = [
  { server: 'go', client: 'go' },
  { server: 'go', client: 'ours' },
  { server: 'ours', client: 'go' },
  { server: 'ours', client: 'ours' },
];
const start = { go: startGo, ours: startOurs };
const median = (numbers) => numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)];

ensureInstalled();
ensureBuilt();
buildGoPeer();
const results = [];
for (const { size, count } of loads) {
  const running = [];
  for (const pair of pairs) {
    const server = await start[pair.server]({ role: 'server', size, count });
    const client = await start[pair.client]({ role: 'client', size, count, address: server.address });
    running.push({ pair, server, client, rates: [] });
  }
  // Rounds are interleaved, so that a change of the machine's speed meets all four pairs alike.
  for (let round = 0; round <= rounds; round++) {
    for (const { client, rates } of running) rates.push(count / ((await client.fetch()) / 1_000));
  }
  for (const { server, client } of running) {
    await client.stop();
    await server.stop();
  }
  const baseline = median(running[0].rates.slice(1));
  for (const { pair, rates } of running) {
    const warm = rates.slice(1);
    const blocksPerSecond = median(warm);
    results.push({
      ...pair,
      sizeBytes: size,
      coldBlocksPerSecond: Math.round(rates[0]),
      blocksPerSecond: Math.round(blocksPerSecond),
      minBlocksPerSecond: Math.round(Math.min(...warm)),
      maxBlocksPerSecond: Math.round(Math.max(...warm)),
      ratioToGo: Number((blocksPerSecond / baseline).toFixed(2)),
    });
  }
}

if (values.json) {
  const go = execFileSync('go', ['version'], { encoding: 'utf8' }).trim();
  console.log(JSON.stringify({ node: process.version, go, rounds, results }, undefined, 2));
} else {
  console.log(
    '| block bytes | server → client | cold, blocks/s | warm median, blocks/s | min–max | to Go→Go |',
  );
  console.log('| --- | --- | --- | --- | --- | --- |');
  for (const r of results) {
    console.log(
      `| ${r.sizeBytes} | ${r.server} → ${r.client} | ${r.coldBlocksPerSecond} | ${r.blocksPerSecond} | ` +
        `${r.minBlocksPerSecond}–${r.maxBlocksPerSecond} | ${r.ratioToGo} |`,
    );
  }
}

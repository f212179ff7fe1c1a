/**
 * Unary calls to the operator API against a plain grpc-js server that gives the same answer, in turn within each round, from
 * one client. `npm run bench:api -- [--rounds 5] [--calls 4000] [--json]`
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { credentials, loadPackageDefinition } from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import { at, ensureBuilt, ensureInstalled } from '../scripts/prepare.mjs';

const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    rounds: { type: 'string', default: '5' },
    calls: { type: 'string', default: '4000' },
  },
});
const IN_FLIGHT = [1, 64];
const WARM_UP_CALLS = 2_000;

ensureInstalled();
ensureBuilt();
const { v1 } = loadPackageDefinition(
  loadSync('v1/system.proto', { includeDirs: [at('proto')], keepCase: true }),
);
const ours = await start('ours', at('test/fixtures/ibft-ecdsa'));
const reply = await call(ours.client);
const plain = await start('plain', JSON.stringify(reply));
const servers = { plain, ours };
for (const { client } of Object.values(servers)) await measure(client, 64, WARM_UP_CALLS);
const rounds = [];
for (let round = 0; round < Number(values.rounds); round++) {
  for (const inFlight of IN_FLIGHT) {
    for (const [server, { client }] of Object.entries(servers)) {
      rounds.push({ server, inFlight, ...(await measure(client, inFlight, Number(values.calls))) });
    }
  }
}
for (const { end } of Object.values(servers)) await end();
print(IN_FLIGHT.flatMap((inFlight) => ['plain', 'ours'].map((server) => medianOf(server, inFlight))));

async function start(kind, argument) {
  const child = spawn(process.execPath, [at('bench/api-node.mjs'), kind, argument], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const [line] = await once(createInterface({ input: child.stdout }), 'line');
  const client = new v1.System(`127.0.0.1:${JSON.parse(line).port}`, credentials.createInsecure());
  const end = async () => {
    client.close();
    child.stdin.end();
    if (child.exitCode === null) await once(child, 'close');
  };
  return { client, end };
}

function call(client) {
  return new Promise((resolve, reject) => {
    client.GetStatus({}, (error, answer) => (error ? reject(error) : resolve(answer)));
  });
}

/** `calls` calls, as many at once as `inFlight`. Times in ms. */
async function measure(client, inFlight, calls) {
  const times = [];
  let left = calls;
  const one = async () => {
    while (left-- > 0) {
      const startedMs = performance.now();
      await call(client);
      times.push(performance.now() - startedMs);
    }
  };
  const startedMs = performance.now();
  await Promise.all(Array.from({ length: inFlight }, one));
  const seconds = (performance.now() - startedMs) / 1_000;
  times.sort((a, b) => a - b);
  const at_ = (share) => times[Math.floor(times.length * share)];
  return { p50Ms: at_(0.5), p99Ms: at_(0.99), perSecond: calls / seconds };
}

function medianOf(server, inFlight) {
  const some = rounds.filter((each) => each.server === server && each.inFlight === inFlight);
  const median = (key) =>
    some.map((each) => each[key]).toSorted((a, b) => a - b)[Math.floor(some.length / 2)];
  return {
    server,
    inFlight,
    p50Ms: median('p50Ms'),
    p99Ms: median('p99Ms'),
    perSecond: median('perSecond'),
  };
}

function print(rows) {
  if (values.json) return console.log(JSON.stringify({ node: process.version, results: rows }, undefined, 2));
  console.log('| in flight | server | p50, ms | p99, ms | calls/s | rate to plain |');
  console.log('| --- | --- | --- | --- | --- | --- |');
  for (const { server, inFlight, p50Ms, p99Ms, perSecond } of rows) {
    const base = rows.find((row) => row.inFlight === inFlight && row.server === 'plain');
    const ratio = (perSecond / base.perSecond).toFixed(2);
    console.log(
      `| ${inFlight} | ${server} | ${p50Ms.toFixed(2)} | ${p99Ms.toFixed(2)} | ${Math.round(perSecond)} | ${ratio} |`,
    );
  }
}

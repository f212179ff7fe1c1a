/**
 * From the start of `edgekeeper dev` on a built tree to the first answer of GetStatus, each time with a new data folder.
 * `npm run bench:startup -- [--rounds 5]`
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { createClient } from '@connectrpc/connect';
import { createGrpcTransport } from '@connectrpc/connect-node';
import { at, ensureBuilt, ensureInstalled } from '../scripts/prepare.mjs';

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '5' } } });
ensureInstalled();
ensureBuilt();
const { System } = await import('../dist/gen/v1/system_pb.js');

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}

/** Only a connection is tried until there is one: a client that retries would take the time it measures. */
function isOpen(port) {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => resolve(true) ?? socket.destroy()).once('error', () => resolve(false));
  });
}

const took = [];
for (let round = 0; round <= Number(values.rounds); round++) {
  const folder = mkdtempSync(join(tmpdir(), 'edgekeeper-bench-'));
  const [operator, libp2p] = [await freePort(), await freePort()];
  const flags = [
    `--grpc-address=127.0.0.1:${operator}`,
    `--libp2p=127.0.0.1:${libp2p}`,
    `--data-dir=${folder}`,
  ];
  const startedAtMs = performance.now();
  const node = spawn(process.execPath, [at('dist/main.js'), 'dev', ...flags], { stdio: 'ignore' });
  while (!(await isOpen(operator))) await pause(10);
  const client = createClient(System, createGrpcTransport({ baseUrl: `http://127.0.0.1:${operator}` }));
  await client.getStatus({});
  took.push(Math.round(performance.now() - startedAtMs));
  node.kill('SIGINT');
  await once(node, 'close');
  rmSync(folder, { recursive: true });
}
const [cold, ...warm] = took;
const median = warm.toSorted((a, b) => a - b)[Math.floor(warm.length / 2)];
console.log(`first ${cold} ms; then median ${median} ms of ${warm.join(', ')}`);
process.exit();

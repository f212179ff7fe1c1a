/**
 * Servers of the API bench, each a process of its own, speaking JSON lines. Both answer v1.System/GetStatus alike:
 * `node api-node.mjs ours FOLDER` is a whole node at block 0 of a chain, `node api-node.mjs plain REPLY` grpc-js with one
 * handler that returns the reply, given as JSON.
 */
import '../dist/polyfill.js';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadPackageDefinition, Server, ServerCredentials } from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import { settingsSchema } from '../dist/config/schema.js';
import { parseGenesis } from '../dist/modules/blockchain/index.js';
import { createNode } from '../dist/node/create-node.js';
import { quietFrameworks } from '../dist/node/own-process.js';
import { at } from '../scripts/prepare.mjs';

const [kind, argument] = process.argv.slice(2);
const print = (message) => process.stdout.write(`${JSON.stringify(message)}\n`);
process.stdin.resume();
await (kind === 'ours' ? serveNode(argument) : servePlain(JSON.parse(argument)));

async function serveNode(folder) {
  const data = mkdtempSync(join(tmpdir(), 'edgekeeper-bench-'));
  quietFrameworks();
  const node = await createNode({
    settings: settingsSchema.parse({
      node: { dataDir: data },
      network: { listenPort: 0, discovery: false },
      system: { grpcPort: 0 },
      telemetry: { logLevel: 'off' },
    }),
    chain: parseGenesis(readFileSync(join(folder, 'genesis.json'), 'utf8')),
    networkKey: crypto.getRandomValues(new Uint8Array(32)),
    validators: [],
  });
  await node.start();
  print({ event: 'ready', port: node.operatorPort() });
  process.stdin.on('close', async () => {
    await node.stop();
    rmSync(data, { recursive: true });
    process.exit(0);
  });
}

async function servePlain(reply) {
  const options = { includeDirs: [at('proto')], keepCase: true };
  const { v1 } = loadPackageDefinition(loadSync('v1/system.proto', options));
  const server = new Server();
  server.addService(v1.System.service, { GetStatus: (_call, answer) => answer(null, reply) });
  server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, port) => {
    if (error) throw error;
    print({ event: 'ready', port });
  });
  process.stdin.on('close', () => {
    server.forceShutdown();
    process.exit(0);
  });
}

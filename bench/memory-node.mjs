/** Our side of the memory bench: a whole node that connects to the addresses given, then says what it holds. */
import '../dist/polyfill.js';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { settingsSchema } from '../dist/config/schema.js';
import { CHAIN, parseGenesis } from '../dist/modules/blockchain/index.js';
import { PEERS, parsePeerAddress } from '../dist/modules/network/index.js';
import { createNode } from '../dist/node/create-node.js';
import { quietFrameworks } from '../dist/node/own-process.js';

const HEAD = 260;
const addresses = process.argv.slice(2);
const folder = mkdtempSync(join(tmpdir(), 'edgekeeper-bench-'));
const genesis = resolve(import.meta.dirname, '../test/fixtures/ibft-ecdsa/genesis.json');
quietFrameworks();
const node = await createNode({
  settings: settingsSchema.parse({
    node: { dataDir: folder },
    network: { listenPort: 0, discovery: false },
    system: { grpcPort: 0 },
    telemetry: { logLevel: 'off' },
  }),
  chain: parseGenesis(readFileSync(genesis, 'utf8')),
  networkKey: crypto.getRandomValues(new Uint8Array(32)),
  validators: [],
});
await node.start();
const peers = node.app.get(PEERS);
const chain = node.app.get(CHAIN);
for (const address of addresses) peers.add(parsePeerAddress(address));
while (chain.head().number < HEAD || peers.list().length < addresses.length) await pause(50);
// Buffers of the sync are let go; then what is left is what the node holds at rest.
await pause(5_000);
for (let i = 0; i < 3; i++) globalThis.gc();
await pause(200);
const rssAnonKb = Number(/RssAnon:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]);
const toMb = (bytes) => Math.round(bytes / 1e6);
const report = {
  height: chain.head().number,
  rssAnonMb: toMb(rssAnonKb * 1_024),
  heapMb: toMb(process.memoryUsage().heapUsed),
};
process.stdout.write(`${JSON.stringify(report)}\n`);
process.stdin.resume().on('close', async () => {
  await node.stop();
  rmSync(folder, { recursive: true });
});

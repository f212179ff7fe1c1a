/**
 * Private memory (RssAnon after a forced GC) of a node at the head of a recorded chain, with Go peers connected.
 * `npm run bench:memory -- [--peers 4] [--json]`
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { ensureBuilt, ensureInstalled } from '../scripts/prepare.mjs';
import buildGoPeer from '../test/interop/build-go-peer.mjs';
import { startGo } from './wire-peers.mjs';

const { values } = parseArgs({
  options: { peers: { type: 'string', default: '4' }, json: { type: 'boolean', default: false } },
});
const peerCount = Number(values.peers);
const backup = ['--chain-id', '4101', '--backup', 'test/fixtures/ibft-ecdsa/backup.dat'];

ensureInstalled();
ensureBuilt();
buildGoPeer();
const peers = [];
for (let i = 0; i < peerCount; i++) peers.push(await startGo({ args: backup }));
const script = resolve(import.meta.dirname, 'memory-node.mjs');
const node = spawn(process.execPath, ['--expose-gc', script, ...peers.map(({ address }) => address)], {
  stdio: ['pipe', 'pipe', 'inherit'],
});
const [line] = await once(createInterface({ input: node.stdout }), 'line');
const { height, rssAnonMb, heapMb } = JSON.parse(line);
node.stdin.end();
await once(node, 'close');
for (const peer of peers) await peer.stop();

if (values.json)
  console.log(JSON.stringify({ node: process.version, peers: peerCount, height, rssAnonMb, heapMb }));
else
  console.log(
    `${peerCount} peers, block ${height}: ${rssAnonMb} MB private (RssAnon), ${heapMb} MB of it JS heap`,
  );

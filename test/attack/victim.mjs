/**
 * The node under attack, or an honest one beside it: a whole node in its own process that tells about itself.
 * `node --expose-gc victim.mjs '{"settings": {…}, "chain": "recorded" | "genesis" | "endless"}'`
 */
import '../../dist/polyfill.js';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { SilentLogger } from '../../dist/common/logger.port.js';
import { settingsSchema } from '../../dist/config/schema.js';
import { CHAIN, CHAIN_WRITER, parseGenesis, restoreArchive } from '../../dist/modules/blockchain/index.js';
import { peerIdOfKey } from '../../dist/modules/network/adapters/libp2p/keys.js';
import { PEERS, parsePeerAddress, TOPICS } from '../../dist/modules/network/index.js';
import { HOST } from '../../dist/modules/network/ports/host.port.js';
import { PEER_CONTROL } from '../../dist/modules/network/ports/peer-control.port.js';
import { createNode } from '../../dist/node/create-node.js';
import { quietFrameworks } from '../../dist/node/own-process.js';

const { settings = {}, chain = 'recorded' } = JSON.parse(process.argv[2] ?? '{}');
const fixtures = resolve(import.meta.dirname, '../fixtures/ibft-ecdsa');
const folder = mkdtempSync(join(tmpdir(), 'edgekeeper-attack-'));
const TOPIC = 'attack/0.1';
const DELAY_RESOLUTION_MS = 2;

const networkKey = crypto.getRandomValues(new Uint8Array(32));
// A network has a bootnode; this one is its own, which is skipped.
const bootnodes = [`/ip4/127.0.0.1/tcp/1478/p2p/${peerIdOfKey(networkKey)}`];
quietFrameworks();
const node = await createNode({
  settings: settingsSchema.parse({
    ...settings,
    node: { dataDir: folder },
    network: {
      listenPort: 0,
      ...settings.network,
      limits: { loopback: 'count', ...settings.network?.limits },
    },
    system: { grpcPort: 0 },
    telemetry: { logLevel: 'off' },
  }),
  chain: { ...parseGenesis(readFileSync(join(fixtures, 'genesis.json'), 'utf8')), bootnodes },
  networkKey,
  validators: [],
});
const get = (token) => node.app.get(token, { strict: false });
const chainPort = get(CHAIN);
if (chain === 'recorded') {
  const signal = new AbortController().signal;
  const path = join(fixtures, 'backup.dat');
  await restoreArchive({
    path,
    writer: get(CHAIN_WRITER),
    chain: chainPort,
    log: new SilentLogger(),
    signal,
  });
}
if (chain === 'endless') serveEndlessChain();
await node.start();
const peers = get(PEERS);
const host = get(HOST);
let delivered = 0;
get(TOPICS)
  .subscribe(TOPIC, () => 'accept')
  .subscribe(() => {
    delivered += 1;
  });

/** More blocks than anyone reads, of 100 kB, each read into memory of its own as from the store. */
function serveEndlessChain() {
  const payload = Buffer.alloc(100_000, 0x5a);
  const head = { ...chainPort.head(), number: 1_000_000 };
  chainPort.head = () => head;
  chainPort.rawBlocks = async (_from, { maxCount, maxBytes }) =>
    Array.from({ length: Math.min(maxCount, Math.ceil(maxBytes / payload.length)) }, () =>
      Buffer.from(payload),
    );
}

const measures = {
  private: () => 1_024 * Number(/RssAnon:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]),
  buffers: () => process.memoryUsage().arrayBuffers,
};

/** Bytes after garbage was collected. */
function memoryOf(kind) {
  for (let i = 0; i < 2; i++) globalThis.gc();
  return measures[kind]();
}

const delay = monitorEventLoopDelay({ resolution: DELAY_RESOLUTION_MS });
let watch;
let peak = 0;

const commands = {
  address: () => `${host.addresses()[0]}/p2p/${host.peerId}`,
  memory: (kind) => memoryOf(kind),
  watchMemory: (kind) => {
    peak = 0;
    watch = setInterval(() => {
      peak = Math.max(peak, memoryOf(kind));
    }, 500);
  },
  /** The most that was seen since `watchMemory`. */
  peakMemory: (kind) => {
    clearInterval(watch);
    return Math.max(peak, memoryOf(kind));
  },
  cpuMs: () => (process.cpuUsage().user + process.cpuUsage().system) / 1_000,
  watchStalls: () => {
    delay.enable();
    delay.reset();
  },
  /** Longest time that the event loop was held since `watchStalls`, ms. */
  longestStall: () => {
    delay.disable();
    return Math.max(0, delay.max / 1e6 - DELAY_RESOLUTION_MS);
  },
  connections: () => host.connections(),
  peers: () => peers.list().map(({ peerId }) => peerId),
  describe: (peerId) => host.peerInfo(peerId),
  delivered: () => delivered,
  height: () => chainPort.head()?.number ?? -1,
  setStatic: (address) =>
    get(PEER_CONTROL).setStatic(parsePeerAddress(address), true, { by: 'attack', reason: 'test' }),
  add: (address) => void peers.add(parsePeerAddress(address)).subscribe(),
};

process.on('message', async ({ id, ask, value }) => {
  process.send({ id, answer: (await commands[ask](value)) ?? null });
});
process.on('disconnect', () => process.exit());
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
process.send({ ready: commands.address() });

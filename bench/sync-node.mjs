/**
 * Both sides of the sync bench, speaking JSON lines.
 * `node sync-node.mjs server FOLDER` serves the archive of a folder from an LMDB store;
 * `node sync-node.mjs client FOLDER ADDRESS [THREADS]` is a whole node that syncs from there and tells how long it took.
 */
import '../dist/polyfill.js';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { NEVER } from 'rxjs';
import { SilentLogger } from '../dist/common/logger.port.js';
import { settingsSchema } from '../dist/config/schema.js';
import { openLmdbBlockStore } from '../dist/modules/blockchain/adapters/lmdb/lmdb-block-store.adapter.js';
import {
  CHAIN,
  createConsensus,
  decodeBlock,
  openArchive,
  parseGenesis,
  rawHeaderOf,
} from '../dist/modules/blockchain/index.js';
import { PEERS, parsePeerAddress } from '../dist/modules/network/index.js';
import { createNode } from '../dist/node/create-node.js';
import { quietFrameworks } from '../dist/node/own-process.js';
import { startBenchApp } from './bench-app.mjs';

const APPEND_BLOCKS = 1_000;
const [role, folder, address, threads = '2'] = process.argv.slice(2);
const data = mkdtempSync(join(tmpdir(), 'edgekeeper-bench-'));
const config = parseGenesis(readFileSync(join(folder, 'genesis.json'), 'utf8'));
const print = (message) => process.stdout.write(`${JSON.stringify(message)}\n`);
process.stdin.resume();
await (role === 'server' ? serve() : sync());

async function serve() {
  const store = await openLmdbBlockStore({ path: join(data, 'blocks'), log: new SilentLogger() });
  const { head, hash } = await fill(store);
  const chain = {
    head$: NEVER,
    events$: NEVER,
    alarms$: NEVER,
    info: () => ({ chainId: config.chainId, engine: config.engine.name, tail: 0 }),
    head: () => ({ number: head, hash, timestamp: 0n }),
    nextHeight: () => head + 1,
    rawBlocks: (from, limits) => store.rawBlocks(from, limits),
  };
  const { app, address: own } = await startBenchApp({ chain, chainId: config.chainId, folder: data });
  print({ event: 'ready', address: own, head });
  process.stdin.on('close', async () => {
    await app.close();
    await store.close();
    rmSync(data, { recursive: true });
  });
}

/** Nobody verifies what the server has: it is the other side that is measured. */
async function fill(store) {
  const consensus = createConsensus(config);
  const archive = await openArchive(join(folder, 'backup.dat'));
  let parentHash = new Uint8Array(32);
  let batch = [];
  let last;
  for await (const raw of archive.blocks) {
    const { header } = decodeBlock(raw);
    const hash = consensus.headerHash(header);
    last = { head: header.number, hash };
    batch.push({ number: header.number, hash, parentHash, raw, rawHeader: rawHeaderOf(raw), difficulty: 1n });
    parentHash = hash;
    if (batch.length < APPEND_BLOCKS) continue;
    await store.append(batch);
    batch = [];
  }
  await store.append(batch);
  await archive.close();
  return last;
}

async function sync() {
  quietFrameworks();
  const node = await createNode({
    settings: settingsSchema.parse({
      node: { dataDir: data },
      blockchain: { verifyThreads: Number(threads) },
      network: { listenPort: 0, discovery: false },
      system: { grpcPort: 0 },
      telemetry: { logLevel: process.env.BENCH_LOG ?? 'off' },
    }),
    chain: config,
    networkKey: crypto.getRandomValues(new Uint8Array(32)),
    validators: [],
  });
  await node.start();
  const chain = node.app.get(CHAIN);
  const peers = node.app.get(PEERS);
  const head = Number(process.env.BENCH_HEAD);
  const delay = monitorEventLoopDelay({ resolution: 5 });
  let startedMs;
  let cpu;
  let peakMb = 0;
  let memoryMb = 0;
  const sample = setInterval(() => {
    peakMb = Math.max(peakMb, rssAnonMb());
  }, 200);
  const done = new Promise((resolve) => {
    chain.head$.subscribe(({ number }) => {
      // The first block is there once libp2p and the handshake are done.
      if (startedMs === undefined && number > 0) {
        startedMs = performance.now();
        cpu = process.cpuUsage();
        delay.enable();
      }
      // What is held, as opposed to what is yet to be collected: once, late in the run.
      if (memoryMb === 0 && number > head * 0.8) {
        globalThis.gc();
        memoryMb = rssAnonMb();
      }
      if (number === head) resolve();
    });
  });
  peers.add(parsePeerAddress(address));
  await done;
  const seconds = (performance.now() - startedMs) / 1_000;
  const used = process.cpuUsage(cpu);
  clearInterval(sample);
  print({
    event: 'done',
    blocks: head,
    seconds,
    blocksPerSecond: Math.round(head / seconds),
    cpuUsPerBlock: Math.round((used.user + used.system) / head),
    delayP99Ms: Number((delay.percentile(99) / 1e6).toFixed(1)),
    memoryMb: Math.round(memoryMb),
    peakMb: Math.round(peakMb),
    anomalies: chain.info().anomalies.count,
  });
  await node.stop();
  rmSync(data, { recursive: true });
  process.exit(0);
}

function rssAnonMb() {
  return (Number(/RssAnon:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]) * 1_024) / 1e6;
}

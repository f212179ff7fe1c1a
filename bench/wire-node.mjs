/**
 * Our side of the wire bench: the network module with libp2p, and SyncPeer over an LMDB store filled with payloads.
 * `node wire-node.mjs server|client SIZE COUNT [ADDRESS]`; speaks JSON lines like the Go peer.
 */
import '../dist/polyfill.js';
import 'reflect-metadata';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { NestFactory } from '@nestjs/core';
import { filter, firstValueFrom, NEVER } from 'rxjs';
import { SilentLogger } from '../dist/common/logger.port.js';
import { settingsSchema } from '../dist/config/schema.js';
import { openLmdbBlockStore } from '../dist/modules/blockchain/adapters/lmdb/lmdb-block-store.adapter.js';
import { CHAIN, CHAIN_WRITER } from '../dist/modules/blockchain/index.js';
import { NetworkModule, PEERS, parsePeerAddress } from '../dist/modules/network/index.js';
import { SyncModule } from '../dist/modules/sync/index.js';
import { SyncPeerClient } from '../dist/modules/sync/sync-peer.client.js';
import { TelemetryModule } from '../dist/modules/telemetry/index.js';
import { NodeTransport } from '../dist/transport/node-transport.js';

const [role, sizeText, countText, address] = process.argv.slice(2);
const size = Number(sizeText);
const count = Number(countText);
const folder = mkdtempSync(join(tmpdir(), 'edgekeeper-bench-'));
const print = (message) => process.stdout.write(`${JSON.stringify(message)}\n`);

/** Payloads of one size under numbers from 0, in the store that a node serves from. */
async function filledStore() {
  const store = await openLmdbBlockStore({ path: join(folder, 'blocks'), log: new SilentLogger() });
  const payload = Buffer.alloc(size, 0x5a);
  const hashOf = (number) => {
    const hash = new Uint8Array(32);
    new DataView(hash.buffer).setUint32(28, number + 1);
    return hash;
  };
  for (let from = 0; from < count; from += 1_000) {
    const numbers = Array.from({ length: Math.min(1_000, count - from) }, (_, index) => from + index);
    await store.append(
      numbers.map((number) => ({
        number,
        hash: hashOf(number),
        parentHash: hashOf(number - 1),
        raw: payload,
        rawHeader: payload.subarray(0, 600),
        difficulty: 1n,
      })),
    );
  }
  return store;
}

const store = role === 'server' ? await filledStore() : undefined;
const chain = {
  head$: NEVER,
  events$: NEVER,
  info: () => ({ chainId: 100 }),
  // Both sides say that they have it all, so that nothing but the bench asks for blocks.
  head: () => ({ number: count - 1, hash: new Uint8Array(32), timestamp: 0n }),
  rawBlocks: (from, limits) => store.rawBlocks(from, limits),
};
class BenchChainModule {}
const chainModule = {
  module: BenchChainModule,
  providers: [
    { provide: CHAIN, useValue: chain },
    { provide: CHAIN_WRITER, useValue: {} },
  ],
  exports: [CHAIN, CHAIN_WRITER],
};

const settings = settingsSchema.parse({
  node: { dataDir: folder },
  network: { listenPort: 0, discovery: false },
  system: { grpcPort: 0 },
  telemetry: { logLevel: process.env.BENCH_LOG ?? 'error' },
});
const transport = new NodeTransport(settings.system);
const networkModule = NetworkModule.forRoot({
  config: settings.network,
  setup: {
    chainId: 100,
    genesisHash: () => undefined,
    bootnodes: [],
    networkKey: crypto.getRandomValues(new Uint8Array(32)),
  },
  handlers: transport,
  agent: 'edgekeeper/bench',
});
const syncModule = SyncModule.forRoot({
  config: settings.sync,
  setup: {
    protocol: settings.network.protocols.sync,
    maxBlockBytes: settings.blockchain.maxBlockBytes,
    blockStreamsPerPeer: settings.network.limits.blockStreamsPerPeer,
    blockBytesInFlight: settings.network.limits.blockBytesInFlight,
  },
  imports: [networkModule, chainModule],
});
class BenchModule {}
const app = await NestFactory.createMicroservice(
  { module: BenchModule, imports: [TelemetryModule.forRoot(settings.telemetry), networkModule, syncModule] },
  { strategy: transport, logger: false },
);
await app.listen();
const peers = app.get(PEERS);
const client = app.get(SyncPeerClient, { strict: false });

let server;
if (address) {
  const target = parsePeerAddress(address);
  const connected = firstValueFrom(peers.events$.pipe(filter(({ type }) => type === 'peer:connected')));
  peers.add(target);
  await connected;
  server = target.peerId;
}
const self = peers.selfAddress();
print({ event: 'ready', addr: `${self.transport}/p2p/${self.peerId}` });

async function getBlocks() {
  const started = performance.now();
  let received = 0;
  for await (const block of client.getBlocks(server, 0, new AbortController().signal)) {
    received += block.length > 0 ? 1 : 0;
  }
  return { count: received, elapsedMs: performance.now() - started };
}

createInterface({ input: process.stdin })
  .on('line', async (line) => {
    const { id } = JSON.parse(line);
    print({ id, ok: true, ...(await getBlocks()) });
  })
  .on('close', async () => {
    await app.close();
    await store?.close();
    rmSync(folder, { recursive: true });
  });

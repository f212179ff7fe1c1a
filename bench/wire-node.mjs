/**
 * Our side of the wire bench: the network module with libp2p, and SyncPeer over an LMDB store filled with payloads.
 * `node wire-node.mjs server|client SIZE COUNT [ADDRESS]`; speaks JSON lines like the Go peer.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { filter, firstValueFrom, NEVER } from 'rxjs';
import { SilentLogger } from '../dist/common/logger.port.js';
import { openLmdbBlockStore } from '../dist/modules/blockchain/adapters/lmdb/lmdb-block-store.adapter.js';
import { PEERS, parsePeerAddress } from '../dist/modules/network/index.js';
import { SyncPeerClient } from '../dist/modules/sync/sync-peer.client.js';
import { startBenchApp } from './bench-app.mjs';

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
  alarms$: NEVER,
  nextHeight: () => count,
  info: () => ({ chainId: 100, tail: 0, engine: 'ibft' }),
  // Both sides say that they have it all, so that nothing but the bench asks for blocks.
  head: () => ({ number: count - 1, hash: new Uint8Array(32), timestamp: 0n }),
  rawBlocks: (from, limits) => store.rawBlocks(from, limits),
};
const { app, address: own } = await startBenchApp({ chain, chainId: 100, folder });
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
print({ event: 'ready', addr: own });

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

/** Honest peers in a process of their own, so that an attacker's work does not delay their clocks. */
import type { ClientHttp2Session } from 'node:http2';
import { setTimeout as pause } from 'node:timers/promises';
import { call, grpcClient } from './wire/grpc.js';
import {
  callOnce,
  FIND_PEERS_REQUEST,
  helloStatus,
  type Link,
  Paths,
  Protocols,
  WirePeer,
} from './wire/peer.js';

const EMPTY = Buffer.alloc(0);
/** From genesis. */
const ALL_BLOCKS = EMPTY;
const PROBE_INTERVAL_MS = 200;
const PROBE_TIMEOUT_MS = 10_000;
const DIAL_TIMEOUT_MS = 10_000;
/** Stands for a dial that failed. */
const FAILED_MS = 60_000;

/** The honest peer of one victim: connected all the time, asking now and then. */
class HonestPeer {
  readonly #peer = new WirePeer();
  readonly #port: number;
  #link: Link | undefined;
  #sync: ClientHttp2Session | undefined;
  #discovery: ClientHttp2Session | undefined;
  #probing = false;
  #probes: Promise<void> = Promise.resolve();
  #calls = 0;
  #failures = 0;
  #longestMs = 0;

  constructor(port: number) {
    this.#port = port;
  }

  async #connect(): Promise<{ sync: ClientHttp2Session; discovery: ClientHttp2Session }> {
    if (this.#link === undefined || this.#link.connection.isClosed) {
      this.#link = await this.#peer.dial({ port: this.#port });
      this.#sync = undefined;
      this.#discovery = undefined;
    }
    const { yamux } = this.#link;
    if (!this.#sync || this.#sync.destroyed) this.#sync = grpcClient(yamux.open(Protocols.sync));
    if (!this.#discovery || this.#discovery.destroyed)
      this.#discovery = grpcClient(yamux.open(Protocols.discovery));
    return { sync: this.#sync, discovery: this.#discovery };
  }

  /** Blocks, heights and peers until so many bytes have passed and the time is over. */
  async warmUp(bytes: number, seconds: number): Promise<void> {
    const startedAt = performance.now();
    const elapsedMs = () => performance.now() - startedAt;
    let passed = 0;
    const onBytes = (count: number) => {
      passed += count;
    };
    while (elapsedMs() < seconds * 1_000 || (passed < bytes && elapsedMs() < 2_000 * seconds)) {
      const { sync, discovery } = await this.#connect();
      if (passed < (bytes * elapsedMs()) / (seconds * 1_000))
        await call(sync, ALL_BLOCKS, { path: Paths.getBlocks, onBytes });
      await call(sync, EMPTY, { path: Paths.getStatus });
      await call(discovery, FIND_PEERS_REQUEST, { path: Paths.findPeers });
      await pause(50);
    }
  }

  serve(): void {
    this.#calls = 0;
    this.#failures = 0;
    this.#longestMs = 0;
    this.#probing = true;
    this.#probes = this.#probe();
  }

  async #probe(): Promise<void> {
    while (this.#probing) {
      const startedAt = performance.now();
      const isServed = await this.#askBoth().catch(() => false);
      this.#calls += 1;
      if (!isServed) this.#failures += 1;
      this.#longestMs = Math.max(this.#longestMs, performance.now() - startedAt);
      await pause(PROBE_INTERVAL_MS);
    }
  }

  async #askBoth(): Promise<boolean> {
    const { sync, discovery } = await this.#connect();
    const timeoutMs = PROBE_TIMEOUT_MS;
    const [height, peers] = await Promise.all([
      call(sync, EMPTY, { path: Paths.getStatus, timeoutMs }),
      call(discovery, FIND_PEERS_REQUEST, { path: Paths.findPeers, timeoutMs }),
    ]);
    return height.status === 0 && peers.status === 0;
  }

  async endService(): Promise<{ calls: number; failures: number; longestMs: number }> {
    this.#probing = false;
    await this.#probes;
    return { calls: this.#calls, failures: this.#failures, longestMs: this.#longestMs };
  }
}

/** How long it takes a stranger to connect and to be answered its Hello, ms; 60,000 when it fails. */
async function dial(port: number): Promise<number> {
  const startedAt = performance.now();
  const peer = new WirePeer();
  try {
    const link = await Promise.race([peer.dial({ port, from: '127.99.0.1' }), pause(DIAL_TIMEOUT_MS)]);
    if (!link) return FAILED_MS;
    const { status } = await callOnce(link, Paths.hello, helloStatus(peer.identity));
    return status === 0 ? performance.now() - startedAt : FAILED_MS;
  } catch {
    return FAILED_MS;
  } finally {
    peer.close();
  }
}

const peers = new Map<number, HonestPeer>();
const of = (port: number): HonestPeer => {
  const peer = peers.get(port) ?? new HonestPeer(port);
  peers.set(port, peer);
  return peer;
};

const commands: Record<string, (value: { port: number; bytes: number; seconds: number }) => unknown> = {
  dial: ({ port }) => dial(port),
  warmUp: ({ port, bytes, seconds }) => of(port).warmUp(bytes, seconds),
  serve: ({ port }) => of(port).serve(),
  endService: ({ port }) => of(port).endService(),
};

process.on('message', async ({ id, ask, value }: { id: number; ask: string; value: never }) => {
  process.send?.({ id, answer: (await commands[ask]?.(value)) ?? null });
});
process.on('disconnect', () => process.exit());
process.send?.({ ready: 'yes' });

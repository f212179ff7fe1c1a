import type { Duplex } from 'node:stream';
import type {
  ConnectionFilter,
  Host,
  HostConnection,
  HostEvent,
} from '../../src/modules/network/ports/host.port.js';
import type { PeerAddress, PeerId } from '../../src/modules/network/ports/types.js';
import { eventually } from '../support/eventually.js';

/** How the suite makes hosts of one adapter. Hosts of one bench can reach each other. */
export interface HostBench {
  /** A new host that has not started, with an identity of its own. Without a filter it refuses nobody. */
  create(isRefused?: ConnectionFilter): Promise<Host>;
  /** Another host at the very place where `host` listens. */
  createAtSamePlace(host: Host): Promise<Host>;
  /** Where nobody listens. */
  refusingTransport(): Promise<string>;
  /** Where something takes the connection and never says a word. */
  silentTransport(): Promise<string>;
  /** Called after each test, when the hosts have stopped. */
  close(): Promise<void>;
}

export const ECHO = '/contract/echo/1';
export const TIMEOUT_MS = 5_000;

/** The hosts of one test; {@link HostFleet.stop} ends them all. */
export class HostFleet {
  readonly #makeBench: () => Promise<HostBench>;
  #bench: Promise<HostBench> | undefined;
  #hosts: Host[] = [];

  constructor(makeBench: () => Promise<HostBench>) {
    this.#makeBench = makeBench;
  }

  bench(): Promise<HostBench> {
    this.#bench ??= this.#makeBench();
    return this.#bench;
  }

  async created(isRefused?: ConnectionFilter): Promise<Host> {
    const host = await (await this.bench()).create(isRefused);
    this.#hosts.push(host);
    return host;
  }

  async createdAtSamePlace(host: Host): Promise<Host> {
    const second = await (await this.bench()).createAtSamePlace(host);
    this.#hosts.push(second);
    return second;
  }

  async started(isRefused?: ConnectionFilter): Promise<Host> {
    const host = await this.created(isRefused);
    await host.start();
    return host;
  }

  /** Two hosts with one connection, which the first opened and both list. */
  async connected(): Promise<[Host, Host]> {
    const [a, b] = [await this.started(), await this.started()];
    await dial(a, addressOf(b));
    await eventually(() => b.connections().length === 1);
    return [a, b];
  }

  async stop(): Promise<void> {
    await Promise.all(this.#hosts.map((host) => host.stop()));
    await (await this.#bench)?.close();
    this.#hosts = [];
    this.#bench = undefined;
  }
}

export const addressOf = (host: Host): PeerAddress => ({
  peerId: host.peerId,
  transport: host.addresses()[0] ?? '',
});

export function dial(from: Host, to: PeerAddress, timeoutMs = TIMEOUT_MS): Promise<HostConnection> {
  return from.dial(to, { signal: new AbortController().signal, timeoutMs });
}

export function open(
  from: Host,
  to: PeerId,
  protocol = ECHO,
  signal = new AbortController().signal,
): Promise<Duplex> {
  return from.openStream(to, protocol, { signal });
}

export function record(host: Host): { events: HostEvent[]; completed: boolean } {
  const seen = { events: [] as HostEvent[], completed: false };
  host.events$.subscribe({
    next: (event) => seen.events.push(event),
    complete: () => {
      seen.completed = true;
    },
  });
  return seen;
}

export function echo(stream: Duplex): void {
  stream.pipe(stream);
}

/** The next stream that a peer opens, unread. */
export function nextStream(host: Host): Promise<Duplex> {
  return new Promise((resolve) => host.handle(ECHO, (stream) => resolve(stream)));
}

/** To the end of the peer's half; unlike `for await` it leaves ours alone. */
export function readAll(stream: Duplex): Promise<Buffer> {
  const chunks: Buffer[] = [];
  return new Promise((resolve, reject) => {
    stream.on('data', (chunk: Buffer) => chunks.push(chunk));
    stream.once('end', () => resolve(Buffer.concat(chunks)));
    stream.once('error', reject);
  });
}

export function failureOf(stream: Duplex): Promise<Error> {
  stream.resume();
  return new Promise((resolve) => stream.once('error', resolve));
}

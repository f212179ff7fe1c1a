import { identify } from '@libp2p/identify';
import type { Connection, Libp2p, Stream } from '@libp2p/interface';
import { noise } from '@libp2p/noise';
import { tcp } from '@libp2p/tcp';
import { yamux } from '@libp2p/yamux';
import { type Multiaddr, multiaddr } from '@multiformats/multiaddr';
import { createLibp2p } from 'libp2p';
import { errorText } from '../../../../common/app-error.js';
import { type Clock, withDeadline } from '../../../../common/clock.js';
import { PeerRpcClient } from '../../grpc/stream-client.js';
import type { ResourceLedger } from '../../limits/resource-ledger.js';
import { NetworkError } from '../../network.errors.js';
import type { StreamHandler } from '../../ports/host.port.js';
import type { PeerProtocols } from '../../ports/peer-protocols.port.js';
import { LinkFailure, type OnPassed, type ProbeLink } from '../../ports/probe-link.port.js';
import type { ProbeFault } from '../../ports/prober.port.js';
import type { PeerAddress, PeerId, ProtocolId } from '../../ports/types.js';
import { type ConnectionEntry, hostConnection } from './connection-table.js';
import { acceptStream } from './inbound-streams.js';
import { peerIdOfKey, privateKeyOf } from './keys.js';
import { withoutPeerId } from './multiaddrs.js';
import { type NameLookup, placesOf, SYSTEM_LOOKUP } from './name-resolution.js';
import { openStream } from './outgoing-streams.js';
import { OtherIdentity, socketFault } from './probe-faults.js';
import { tuneEncrypter } from './secured-connections.js';
import { SILENT } from './silent-logger.js';
import { watchedEncrypter } from './watched-encrypter.js';
import { webSocketTransport } from './websocket-transport.js';
import { guardedYamux } from './yamux-guard.js';

/** What a peer may open on a connection of seconds. */
const MAX_STREAMS = 32;
/** Bytes that a peer may send ahead on a stream. */
const WINDOW_BYTES = 256 * 1024;
const MAX_AGENT_LENGTH = 128;

export interface ProbeLinkOptions {
  /** 32 bytes, of a key made for this probe. */
  readonly networkKey: Uint8Array;
  readonly agent: string;
  readonly clock: Clock;
  readonly ledger: ResourceLedger;
  /** Longest wait for one place to take the connection, ms. */
  readonly connectTimeoutMs: number;
  readonly names?: NameLookup;
}

interface Transports {
  dial(address: Multiaddr, options: { signal: AbortSignal }): Promise<Connection>;
}

/** A libp2p that listens nowhere, joins nothing and dials once. @throws {NetworkError} NETWORK.SETUP_INVALID */
export async function createLibp2pProbeLink(options: ProbeLinkOptions): Promise<ProbeLink> {
  const link = new Libp2pProbeLink(options);
  await link.start();
  return link;
}

class Libp2pProbeLink implements ProbeLink {
  readonly peerId: PeerId;
  readonly protocols: PeerProtocols;
  readonly #options: ProbeLinkOptions;
  #libp2p: Libp2p<{ transports: Transports }> | undefined;
  #entry: ConnectionEntry | undefined;
  #agent: string | undefined;
  #dialing: { readonly expected: PeerId; readonly onPassed: OnPassed; hasAgreed: boolean } | undefined;
  #reached = 0;

  constructor(options: ProbeLinkOptions) {
    this.#options = options;
    this.peerId = peerIdOfKey(options.networkKey);
    const { clock, ledger, agent: userAgent } = options;
    this.protocols = new PeerRpcClient({
      clock,
      ledger,
      userAgent,
      openStream: async (peerId, protocol, { signal }) => {
        const entry = this.#entry;
        if (entry === undefined) throw new NetworkError({ code: 'NETWORK.NOT_CONNECTED', peerId });
        return openStream(entry, protocol, { clock, ledger, maxStreams: MAX_STREAMS, signal });
      },
    });
  }

  async start(): Promise<void> {
    const { networkKey, agent, clock, ledger } = this.#options;
    const libp2p = await createLibp2p({
      start: false,
      privateKey: privateKeyOf(networkKey),
      nodeInfo: { name: 'edgekeeper', version: '', userAgent: agent },
      logger: SILENT,
      addresses: { listen: [] },
      transports: [tcp({ dialOpts: { noDelay: true } }), webSocketTransport({ clock })],
      connectionEncrypters: [
        (components) =>
          watchedEncrypter(tuneEncrypter(noise()(components), ledger), {
            agreed: () => this.#agreed(),
            secured: (peerId) => this.#secured(peerId),
          }),
      ],
      streamMuxers: [
        guardedYamux(
          yamux({
            maxInboundStreams: MAX_STREAMS,
            maxOutboundStreams: MAX_STREAMS,
            streamOptions: { initialStreamWindowSize: WINDOW_BYTES, maxStreamWindowSize: WINDOW_BYTES },
          }),
          clock,
        ),
      ],
      connectionManager: { maxConnections: 4, reconnectRetries: 0 },
      connectionMonitor: { enabled: false },
      connectionGater: {
        denyDialPeer: () => true,
        denyDialMultiaddr: () => true,
        // The socket is open; what follows is spoken on it.
        denyOutboundConnection: (_peerId, { remoteAddr }) => {
          this.#passed('connect', withoutPeerId(remoteAddr));
          return false;
        },
        denyOutboundUpgradedConnection: () => {
          this.#passed('yamux', '/yamux/1.0.0');
          return false;
        },
      },
      services: {
        identify: identify(),
        transports: ({ transportManager }: { transportManager: Transports }) => ({
          dial: transportManager.dial.bind(transportManager),
        }),
      },
    });
    libp2p.addEventListener('peer:identify', ({ detail }) => {
      this.#agent = detail.agentVersion?.slice(0, MAX_AGENT_LENGTH);
    });
    libp2p.addEventListener('connection:close', () => {
      this.#entry = undefined;
    });
    this.#libp2p = libp2p;
    await libp2p.start();
  }

  agent(): string | undefined {
    return this.#agent;
  }

  handle(protocol: ProtocolId, handler: StreamHandler): void {
    const onStream = (stream: Stream, raw: Connection) => {
      const connection = hostConnection(raw, this.#options.clock);
      const accepted = acceptStream(this.#options.ledger, { peerId: connection.peerId, protocol }, stream);
      if (accepted !== undefined) handler(accepted, connection);
    };
    void this.#libp2p?.handle(protocol, onStream, { maxInboundStreams: MAX_STREAMS, force: true });
  }

  unhandle(protocol: ProtocolId): void {
    void this.#libp2p?.unhandle(protocol);
  }

  async open(address: PeerAddress, onPassed: OnPassed, signal: AbortSignal): Promise<void> {
    this.#dialing = { expected: address.peerId, onPassed, hasAgreed: false };
    const places = await placesOf(address, this.#options.names ?? SYSTEM_LOOKUP, signal).catch(
      (cause: unknown) => {
        throw new LinkFailure('unknown-name', errorText(cause), cause);
      },
    );
    this.#passed('resolve', places.join(' '));
    const failures: string[] = [];
    for (const [tried, place] of places.entries()) {
      try {
        const raw = await this.#dial(place, address.peerId, signal);
        this.#entry = { connection: hostConnection(raw, this.#options.clock), raw };
        if (raw.status !== 'open') throw new LinkFailure('closed', 'the connection closed at once');
        return;
      } catch (error) {
        signal.throwIfAborted();
        const failure = this.#failureOf(error);
        failures.push(places.length === 1 ? failure.message : `${place}: ${failure.message}`);
        const goesOn = this.#reached === 1 && tried < places.length - 1;
        if (!goesOn) throw new LinkFailure(failure.fault, failures.join('; '), error);
      }
    }
  }

  /** The time is only for the socket: whoever took it is asked nowhere else. */
  async #dial(place: string, peerId: PeerId, signal: AbortSignal): Promise<Connection> {
    const { clock, connectTimeoutMs: timeoutMs } = this.#options;
    const { transports } = this.#libp2p?.services ?? {};
    if (transports === undefined) throw new Error('the link is closed');
    const waiting = new AbortController();
    const stop = () => waiting.abort(signal.reason);
    signal.addEventListener('abort', stop, { once: true });
    const cancel = clock.setTimeout(() => {
      if (this.#reached < 2) waiting.abort(new LinkFailure('timeout', `no answer within ${timeoutMs} ms`));
    }, timeoutMs);
    try {
      return await transports.dial(multiaddr(`${place}/p2p/${peerId}`), { signal: waiting.signal });
    } catch (error) {
      throw waiting.signal.aborted ? waiting.signal.reason : error;
    } finally {
      cancel();
      signal.removeEventListener('abort', stop);
    }
  }

  async close(): Promise<void> {
    const libp2p = this.#libp2p;
    this.#libp2p = undefined;
    if (libp2p === undefined) return;
    const raw = this.#entry?.raw;
    try {
      const deadline = { timeoutMs: 500, onTimeout: () => new Error('does not close') };
      await withDeadline(this.#options.clock, deadline, async () => raw?.close());
    } catch (error) {
      raw?.abort(error instanceof Error ? error : new Error(errorText(error)));
    }
    await libp2p.stop();
  }

  #passed(stage: Parameters<OnPassed>[0], found: string): void {
    this.#reached += 1;
    this.#dialing?.onPassed(stage, found);
  }

  #agreed(): void {
    if (this.#dialing !== undefined) this.#dialing.hasAgreed = true;
  }

  #secured(peerId: PeerId): void {
    this.#passed('noise', '/noise');
    const expected = this.#dialing?.expected;
    if (peerId !== expected) throw new OtherIdentity(peerId);
    this.#passed('identity', peerId);
  }

  /** The library keeps no cause of a failed upgrade, but where it failed is known. */
  #failureOf(error: unknown): LinkFailure {
    if (error instanceof LinkFailure) return error;
    const reason = errorText(error);
    const other = OtherIdentity.in(reason);
    if (other !== undefined) return new LinkFailure('other-identity', other);
    return new LinkFailure(this.#faultOf(error), reason, error);
  }

  #faultOf(error: unknown): ProbeFault {
    if (this.#reached === 1) return socketFault(error);
    if (this.#reached === 2) return this.#dialing?.hasAgreed ? 'closed' : 'not-libp2p';
    return this.#reached === 4 ? 'no-yamux' : 'closed';
  }
}

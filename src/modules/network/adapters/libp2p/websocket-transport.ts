import { once } from 'node:events';
import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import {
  type ComponentLogger,
  type Connection,
  type CreateListenerOptions,
  type DialTransportOptions,
  type Listener,
  type Transport,
  transportSymbol,
} from '@libp2p/interface';
import type { Multiaddr } from '@multiformats/multiaddr';
import { WebSocket } from 'ws';
import type { Clock } from '../../../../common/clock.js';
import { MAX_MESSAGE_BYTES, WebSocketConnection } from './websocket-connection.js';
import { type Entrance, WebSocketListener } from './websocket-listener.js';

const ADDRESS = /^\/ip[46]\/[^/]+\/tcp\/\d+\/(ws|wss|tls\/ws|tls\/sni\/[^/]+\/ws)(\/p2p\/[^/]+)?$/;
/** Of the HTTP upgrade, ms; the dial has its own. */
const HANDSHAKE_TIMEOUT_MS = 10_000;

export interface WebSocketTransportOptions {
  readonly clock: Clock;
  /** None: nobody can come in. */
  readonly entrance?: Entrance;
}

/**
 * libp2p over WebSockets. The library's own transport needs a WebSocket that Node 20 does not have, and knows neither
 * backpressure nor limits on who waits for an upgrade.
 */
export function webSocketTransport(
  options: WebSocketTransportOptions,
): (components: { logger: ComponentLogger }) => Transport {
  return ({ logger }) => new WebSocketTransport(options, logger);
}

class WebSocketTransport implements Transport {
  readonly [transportSymbol] = true as const;
  readonly [Symbol.toStringTag] = 'edgekeeper/websockets';

  constructor(
    private readonly options: WebSocketTransportOptions,
    private readonly logger: ComponentLogger,
  ) {}

  async dial(address: Multiaddr, { signal, upgrader }: DialTransportOptions): Promise<Connection> {
    signal.throwIfAborted();
    const { url, servername } = targetOf(address);
    const ws = new WebSocket(url, {
      perMessageDeflate: false,
      maxPayload: MAX_MESSAGE_BYTES,
      handshakeTimeout: HANDSHAKE_TIMEOUT_MS,
      autoPong: false,
      ...(servername !== undefined && { servername, headers: { host: servername } }),
    });
    let socket: Socket | undefined;
    ws.once('upgrade', (response) => {
      socket = response.socket;
    });
    const giveUp = () => ws.terminate();
    signal.addEventListener('abort', giveUp, { once: true });
    // It tells of an aborted handshake once more when nobody waits any longer.
    ws.on('error', () => {});
    try {
      await once(ws, 'open', { signal });
    } finally {
      signal.removeEventListener('abort', giveUp);
    }
    if (socket === undefined) throw new Error('the WebSocket has no socket');
    if (!(socket instanceof TLSSocket)) socket.setNoDelay(true);
    const { clock } = this.options;
    const log = this.logger.forComponent('websockets');
    const connection = new WebSocketConnection({
      ...{ ws, socket, clock, log },
      remoteAddr: address,
      direction: 'outbound',
    });
    try {
      return await upgrader.upgradeOutbound(connection, { signal });
    } catch (error) {
      connection.abort(error instanceof Error ? error : new Error(String(error)));
      throw error;
    }
  }

  createListener({ upgrader }: CreateListenerOptions): Listener {
    const { entrance, clock } = this.options;
    if (entrance === undefined) throw new Error('nobody can come in over WebSockets');
    return new WebSocketListener({ entrance, upgrader, clock, log: this.logger.forComponent('websockets') });
  }

  readonly listenFilter = (addresses: Multiaddr[]): Multiaddr[] =>
    addresses.filter((address) => ADDRESS.test(address.toString()));

  readonly dialFilter = this.listenFilter;
}

function targetOf(address: Multiaddr): { url: string; servername: string | undefined } {
  const components = address.getComponents();
  const valueNamed = (name: string) => components.find((component) => component.name === name)?.value;
  const isSecure = components.some(({ name }) => name === 'tls' || name === 'wss');
  const [host] = components;
  const shown = host?.name === 'ip6' ? `[${host.value}]` : host?.value;
  return {
    url: `${isSecure ? 'wss' : 'ws'}://${shown}:${valueNamed('tcp')}/`,
    servername: valueNamed('sni'),
  };
}

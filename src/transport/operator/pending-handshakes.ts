import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { siteOf } from '../../common/ip-address.js';

/** Handshakes at a time: each costs a signature, and memory until it is done. */
const MAX_PENDING = 64;

type Client = Pick<Socket, 'remoteAddress' | 'remotePort'>;

interface Pending {
  readonly socket: Socket;
  readonly site: string;
  readonly onSecured: (socket: TLSSocket) => void;
}

/**
 * The handshakes that run. When there are too many, the oldest of whoever has most makes room, so that nobody who only
 * begins keeps others out.
 */
export class PendingHandshakes {
  /** By the client's address and port; the oldest first. */
  readonly #byClient = new Map<string, Pending>();

  /** Counts one. Gives the one that has to go for it, which is counted no more. */
  add(socket: Socket, onSecured: (socket: TLSSocket) => void): Socket | undefined {
    const site = siteOf(socket.remoteAddress ?? '');
    this.#byClient.set(clientOf(socket), { socket, site, onSecured });
    return this.#byClient.size > MAX_PENDING ? this.#drop() : undefined;
  }

  /** It runs no more; gives what was to be done with it, unless that is over already. */
  end(client: Client): Pending['onSecured'] | undefined {
    const found = this.#byClient.get(clientOf(client));
    this.#byClient.delete(clientOf(client));
    return found?.onSecured;
  }

  #drop(): Socket | undefined {
    const counts = new Map<string, number>();
    for (const { site } of this.#byClient.values()) counts.set(site, (counts.get(site) ?? 0) + 1);
    const most = Math.max(...counts.values());
    for (const { socket, site } of this.#byClient.values()) {
      if (counts.get(site) !== most) continue;
      this.end(socket);
      return socket;
    }
    return undefined;
  }
}

function clientOf({ remoteAddress, remotePort }: Client): string {
  return `${remoteAddress} ${remotePort}`;
}

import type { Socket } from 'node:net';
import type { MultiaddrConnection } from '@libp2p/interface';
import type { Multiaddr } from '@multiformats/multiaddr';

/** A connection on its way in, as far as the door cares. */
export interface Arrival extends Pick<MultiaddrConnection, 'remoteAddr' | 'abort'> {
  addEventListener(type: 'close', listener: () => void, options?: { once?: boolean }): void;
}

/** A socket that has not yet become a connection of libp2p. */
export class SocketArrival implements Arrival {
  /** Set by whoever waits for it to become one. */
  cancelDeadline: () => void = () => {};

  constructor(
    private readonly socket: Socket,
    readonly remoteAddr: Multiaddr,
  ) {}

  abort(): void {
    this.socket.destroy();
  }

  addEventListener(_type: 'close', listener: () => void): void {
    this.socket.once('close', listener);
  }
}

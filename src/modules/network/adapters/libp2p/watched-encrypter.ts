import type { ConnectionEncrypter } from '@libp2p/interface';
import type { PeerId } from '../../ports/types.js';

export interface EncrypterWatch {
  /** Multistream led to this encrypter. */
  agreed(): void;
  /** The channel is encrypted and this is who is at its other end. What it throws ends the connection. */
  secured(peerId: PeerId): void;
}

/**
 * An encrypter that tells how far it came, and lets whoever answers say who it is: the library refuses the wrong peer
 * without a word on who it was.
 */
export function watchedEncrypter<Encrypter extends ConnectionEncrypter>(
  encrypter: Encrypter,
  watch: EncrypterWatch,
): Encrypter {
  const secureOutbound = encrypter.secureOutbound.bind(encrypter);
  encrypter.secureOutbound = async (connection, { remotePeer: _, ...options } = {}) => {
    watch.agreed();
    const secured = await secureOutbound(connection, options);
    watch.secured(secured.remotePeer.toString() as PeerId);
    return secured;
  };
  return encrypter;
}

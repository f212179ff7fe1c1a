import type { ConnectionEncrypter, PeerId as Libp2pPeerId, MessageStream } from '@libp2p/interface';
import type { ResourceLedger } from '../../limits/resource-ledger.js';
import type { PeerId } from '../../ports/types.js';
import { meterBytes } from './byte-meters.js';
import { gatherSends } from './gathered-sends.js';

/** What may wait for a socket that does not drain (answers to pings, window updates) before the connection is dropped. */
const MAX_CONNECTION_BUFFER_BYTES = 8 * 1024 * 1024;

/**
 * Caps what Noise holds back for a socket that does not drain, where the library sets no limit, sends in few packets,
 * and counts each peer's bytes.
 */
export function tuneEncrypter<Encrypter extends ConnectionEncrypter>(
  encrypter: Encrypter,
  ledger: Pick<ResourceLedger, 'meterConnection'>,
): Encrypter {
  const tune = <Secured extends { connection: MessageStream; remotePeer: Libp2pPeerId }>(
    secured: Secured,
  ) => {
    const { connection, remotePeer } = secured;
    connection.maxWriteBufferLength = MAX_CONNECTION_BUFFER_BYTES;
    const meter = ledger.meterConnection(remotePeer.toString() as PeerId);
    meterBytes(connection, meter);
    connection.addEventListener('close', () => meter.end(), { once: true });
    if (connection.status !== 'open') meter.end();
    return secured;
  };
  const secureInbound = encrypter.secureInbound.bind(encrypter);
  const secureOutbound = encrypter.secureOutbound.bind(encrypter);
  encrypter.secureInbound = async (connection, options) =>
    tune(await secureInbound(gatherSends(connection), options));
  encrypter.secureOutbound = async (connection, options) =>
    tune(await secureOutbound(gatherSends(connection), options));
  return encrypter;
}

import type { Stream } from '@libp2p/interface';
import type { Holder, Reservation, ResourceLedger } from '../../limits/resource-ledger.js';
import { StreamDuplex } from './stream-duplex.js';

/**
 * A stream that a peer opened, counted among its streams until it is gone; undefined when it has too many, and the
 * stream is reset. Which idle one makes room before it comes to that is for whoever serves the protocol to say.
 * @remarks Differs: the Go client has no such limit beyond its library's.
 */
export function acceptStream(
  ledger: Pick<ResourceLedger, 'reserve'>,
  holder: Holder,
  stream: Stream,
): StreamDuplex | undefined {
  let place: Reservation;
  try {
    place = ledger.reserve('streams', 1, holder);
  } catch (error) {
    stream.abort(error instanceof Error ? error : new Error(String(error)));
    return undefined;
  }
  const duplex = new StreamDuplex(stream, ledger.reserve('memory', 0, holder));
  duplex.once('close', () => place.release());
  return duplex;
}

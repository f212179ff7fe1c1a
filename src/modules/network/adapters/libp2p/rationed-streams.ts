import type { Connection, Stream, StreamHandler } from '@libp2p/interface';
import { Allowances } from '../../../../common/allowances.js';
import type { Clock } from '../../../../common/clock.js';
import { NetworkError } from '../../network.errors.js';
import type { PeerId } from '../../ports/types.js';
import { peerIdOf } from './connection-table.js';
import { overriding } from './overriding.js';

export interface Ration {
  /** Streams of each protocol that a peer may open at once, and how many it wins back per second. */
  readonly burst: number;
  readonly perSecond: number;
  /** What a peer may send on one of them. */
  readonly maxBytes: number;
}

interface WithRegistrar {
  readonly registrar: {
    handle(protocol: string, handler: StreamHandler, options?: object): Promise<void>;
  };
}

/**
 * Components for a service of libp2p whose protocols peers may only use so much. The library answers as often and as
 * much as it is asked, and each answer of identify costs a signature.
 */
export function rationed<Components extends WithRegistrar>(
  components: Components,
  { burst, perSecond, maxBytes }: Ration,
  { clock, onMisbehaviour }: { clock: Clock; onMisbehaviour: (peerId: PeerId, error: NetworkError) => void },
): Components {
  const allowances = new Allowances(clock, { burst, perSecond });
  const { registrar } = components;
  const handle: WithRegistrar['registrar']['handle'] = (protocol, handler, options) => {
    const guarded: StreamHandler = (stream: Stream, connection: Connection) => {
      const peerId = peerIdOf(connection);
      if (!allowances.take(`${peerId} ${protocol}`)) {
        onMisbehaviour(peerId, new NetworkError({ code: 'NETWORK.RATE_LIMITED', peerId, path: protocol }));
        stream.abort(new Error('asked too often'));
        return;
      }
      capBytes(stream, maxBytes);
      return handler(stream, connection);
    };
    return registrar.handle(protocol, guarded, options);
  };
  const own: Partial<Components> = {};
  Object.assign(own, { registrar: overriding(registrar, { handle }) });
  return overriding(components, own);
}

/** Resets a stream on which the peer sends more than that; what is over never reaches those who listen later. */
export function capBytes(stream: Stream, maxBytes: number): void {
  let received = 0;
  stream.addEventListener('message', (event) => {
    received += event.data.byteLength;
    if (received <= maxBytes) return;
    event.stopImmediatePropagation();
    stream.abort(new Error(`more than ${maxBytes} bytes`));
  });
}

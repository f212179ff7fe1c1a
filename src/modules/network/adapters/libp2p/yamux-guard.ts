import type { yamux } from '@libp2p/yamux';
import { Allowances } from '../../../../common/allowances.js';
import type { Clock } from '../../../../common/clock.js';
import { YamuxFrames } from './yamux-frames.js';

/** Pings that a peer may send at once, and how many it wins back per second. Go sends two a minute. */
const PINGS = { burst: 64, perSecond: 8 };
/** Streams that a peer may open at once, and how many it wins back per second; each costs a negotiation and a timer of 10 s. */
const OPENINGS = { burst: 2_048, perSecond: 1_024 };

type Yamux = ReturnType<typeof yamux>;

type Muxer = ReturnType<ReturnType<Yamux>['createStreamMuxer']>;

/**
 * Yamux that looks at each frame's header before it keeps anything of it. By itself the library collects a data frame
 * of up to 4 GiB before it compares it with the window, and answers pings without end. What breaks the rules closes
 * the connection.
 */
export function guardedYamux(create: Yamux, clock: Clock): Yamux {
  return () => {
    const factory = create();
    const createStreamMuxer = factory.createStreamMuxer.bind(factory);
    factory.createStreamMuxer = (connection) => {
      const muxer = createStreamMuxer(connection);
      guard(muxer, clock);
      return muxer;
    };
    return factory;
  };
}

function guard(muxer: Muxer, clock: Clock): void {
  const [pings, openings] = [new Allowances(clock, PINGS), new Allowances(clock, OPENINGS)];
  const frames = new YamuxFrames({
    windowOf: (id) => windowOf(muxer.streams.find(({ streamId }) => streamId === id)),
    mayPing: () => pings.take(''),
    mayOpen: () => openings.take(''),
  });
  const onData = muxer.onData.bind(muxer);
  muxer.onData = (chunk) => {
    for (const piece of frames.take(chunk.subarray())) onData(piece);
  };
}

/** What the library lets the stream receive before it sees a fault in it; it keeps the figure to itself. */
function windowOf(stream: object | undefined): number | undefined {
  return (stream as { recvWindowCapacity: number } | undefined)?.recvWindowCapacity;
}

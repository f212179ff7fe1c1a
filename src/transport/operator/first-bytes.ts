import type { Duplex } from 'node:stream';

/** What a client speaks: HTTP/2 is gRPC, HTTP/1.1 is Connect, gRPC-Web or JSON. */
export type Spoken = 'http2' | 'http1';

/** Three bytes of HTTP/2's preface (`PRI * HTTP/2.0`); no method of HTTP/1.1 begins with them. */
const PREFACE = 'PRI';

/** What begins with these bytes; undefined when more are needed to tell. */
export function spokenBy(start: Uint8Array): Spoken | undefined {
  const text = Buffer.from(start.subarray(0, PREFACE.length)).toString('latin1');
  if (!PREFACE.startsWith(text)) return 'http1';
  return text.length < PREFACE.length ? undefined : 'http2';
}

/** Tells what a client speaks as soon as it has said enough; all it said is still there to be read. Silent if it never does. */
export function onSpoken(socket: Duplex, decide: (spoken: Spoken) => void): void {
  // Not given back before the end: what is given back is readable at once, and so on for ever.
  let start = Buffer.alloc(0);
  const onReadable = () => {
    const read = socket.read() as Buffer | null;
    if (read === null) return;
    start = Buffer.concat([start, read]);
    const spoken = spokenBy(start);
    if (spoken === undefined) return;
    socket.off('readable', onReadable);
    socket.unshift(start);
    decide(spoken);
  };
  socket.on('readable', onReadable);
}

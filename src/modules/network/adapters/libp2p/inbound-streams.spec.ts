import { setImmediate as macrotask } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import type { Stream } from '@libp2p/interface';
import { InboundStreams, MAX_STREAMS_PER_PROTOCOL } from './inbound-streams.js';

class IdleStream extends EventTarget {
  status = 'open';
  readStatus = 'readable';
  remoteWriteStatus = 'writable';
  readBufferLength = 0;
  writableNeedsDrain = false;
  send = () => true;
  pause = () => {};
  resume = () => {};
  close = async () => {};
  abort = () => {};
}

const idleStream = () => new IdleStream() as unknown as Stream;

describe('InboundStreams', () => {
  const fill = (streams: InboundStreams, connection: string, count = MAX_STREAMS_PER_PROTOCOL) =>
    Array.from({ length: count }, () => streams.accept(connection, '/syncer/0.2', idleStream()));

  it('resets the one idle for longest to make room for a new one', () => {
    const streams = new InboundStreams();
    const open = fill(streams, 'c');
    open[0]?.write('still busy');
    const extra = streams.accept('c', '/syncer/0.2', idleStream());
    expect(extra.destroyed).toBe(false);
    expect(open.map(({ destroyed }) => destroyed).indexOf(true)).toBe(1);
    expect(open.filter(({ destroyed }) => destroyed)).toHaveLength(1);
  });

  it('counts by connection and by protocol', () => {
    const streams = new InboundStreams();
    const open = [...fill(streams, 'c'), ...fill(streams, 'd'), streams.accept('c', '/id/0.1', idleStream())];
    expect(open.some(({ destroyed }) => destroyed)).toBe(false);
  });

  it('does not count streams that closed, nor those of a closed connection', async () => {
    const streams = new InboundStreams();
    const open = fill(streams, 'c');
    open[5]?.destroy();
    await macrotask();
    streams.accept('c', '/syncer/0.2', idleStream());
    expect(open.filter(({ destroyed }) => destroyed)).toHaveLength(1);
    streams.connectionClosed('c');
    const again = fill(streams, 'c');
    expect([...open, ...again].filter(({ destroyed }) => destroyed)).toHaveLength(1);
  });
});

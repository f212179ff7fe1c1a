import { setImmediate as macrotask } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { FakeByteStream } from '../../../../../test/support/fake-byte-stream.js';
import { type ByteStream, StreamDuplex } from './stream-duplex.js';

const KIB = 1024;

function make(prepare: (stream: FakeByteStream) => void = () => {}) {
  const stream = new FakeByteStream();
  prepare(stream);
  const duplex = new StreamDuplex(stream as unknown as ByteStream);
  const seen = { text: '', ended: false, errors: [] as Error[] };
  duplex.on('error', (error) => seen.errors.push(error));
  const read = () => {
    duplex.on('data', (chunk: Buffer) => {
      seen.text += chunk.toString();
    });
    duplex.on('end', () => {
      seen.ended = true;
    });
  };
  return { stream, duplex, seen, read };
}

describe('StreamDuplex reading', () => {
  it('lets nothing in before somebody reads', async () => {
    const { stream, read } = make();
    expect(stream.calls).toEqual(['pause']);
    read();
    await macrotask();
    expect(stream.calls).toEqual(['pause', 'resume', 'resumed']);
  });

  it('passes single arrays and lists of arrays, in order', async () => {
    const { stream, seen, read } = make();
    read();
    await macrotask();
    stream.message(Buffer.from('one '));
    stream.message(Buffer.from('two '), Buffer.from('three'));
    await macrotask();
    expect(seen.text).toBe('one two three');
  });

  it('pauses at the high-water mark and resumes when that is read', async () => {
    const { stream, duplex } = make();
    duplex.read(0);
    expect(stream.calls).toEqual(['pause', 'resume', 'resumed']);
    stream.message(Buffer.alloc(200 * KIB));
    await macrotask();
    expect(stream.readStatus).toBe('readable');
    stream.message(Buffer.alloc(60 * KIB));
    await macrotask();
    expect(stream.readStatus).toBe('paused');
    expect(duplex.read()).toHaveLength(260 * KIB);
    await macrotask();
    expect(stream.readStatus).toBe('readable');
  });

  it('pauses only after a resume that delivered too much has done its rest', () => {
    const { stream, duplex } = make((fake) => {
      fake.onResume = () => fake.message(Buffer.alloc(300 * KIB));
    });
    duplex.read(0);
    expect(stream.calls).toEqual(['pause', 'resume', 'resumed', 'pause']);
    expect(stream.readStatus).toBe('paused');
  });

  it('leaves the rest of a burst in the library until the event loop has turned', async () => {
    const { stream, duplex } = make();
    duplex.read(0);
    stream.message(Buffer.alloc(8 * KIB - 1));
    expect(stream.readStatus).toBe('readable');
    stream.message(Buffer.alloc(8 * KIB));
    expect(stream.readStatus).toBe('paused');
    await macrotask();
    expect(stream.calls).toEqual(['pause', 'resume', 'resumed', 'pause', 'resume', 'resumed']);
  });

  it('pauses again when what it resumed for is a burst itself', async () => {
    const { stream, duplex } = make((fake) => {
      fake.onResume = () => fake.message(Buffer.alloc(8 * KIB));
    });
    duplex.read(0);
    expect(stream.calls).toEqual(['pause', 'resume', 'resumed', 'pause']);
    stream.onResume = () => {};
    await macrotask();
    expect(stream.readStatus).toBe('readable');
  });

  it('gives out the rest of a burst when the stream closes in the same turn', async () => {
    const { stream, seen, read } = make();
    read();
    await macrotask();
    stream.message(Buffer.alloc(8 * KIB, 'a'));
    stream.onResume = () => stream.message(Buffer.from('rest'));
    stream.endByRemote();
    stream.closed();
    await macrotask();
    expect(seen.text).toHaveLength(8 * KIB + 4);
    expect(seen.ended).toBe(true);
  });

  it('ends after the data that came with the end', async () => {
    const { stream, seen, read } = make();
    read();
    await macrotask();
    stream.endByRemote();
    stream.message(Buffer.from('last words'));
    await macrotask();
    expect(seen).toMatchObject({ text: 'last words', ended: true });
  });

  it('reads on past the end of the remote half while the library still holds data', async () => {
    const { stream, seen, read } = make((fake) => {
      fake.remoteWriteStatus = 'closed';
      fake.readBufferLength = 5;
    });
    read();
    await macrotask();
    expect(seen.ended).toBe(false);
    stream.readBufferLength = 0;
    stream.message(Buffer.from('rest!'));
    await macrotask();
    expect(seen).toMatchObject({ text: 'rest!', ended: true });
  });

  it('fails when the stream is reset', async () => {
    const { stream, duplex, seen } = make();
    stream.closed(new Error('reset'));
    await macrotask();
    expect(seen.errors.map(({ message }) => message)).toEqual(['reset']);
    expect(duplex.destroyed).toBe(true);
  });

  it('fails when the connection goes away before the peer ended', async () => {
    const { stream, seen, read } = make();
    read();
    stream.closed();
    await macrotask();
    expect(seen.errors).toHaveLength(1);
    expect(seen.ended).toBe(false);
  });

  it('fails when the stream was closed before we got it', async () => {
    const { duplex, seen } = make((fake) => {
      fake.status = 'reset';
      fake.readStatus = 'closed';
    });
    await macrotask();
    expect(seen.errors).toHaveLength(1);
    expect(duplex.destroyed).toBe(true);
  });

  it('can still be read to the end when the connection goes away after the peer ended', async () => {
    const { stream, duplex, seen, read } = make();
    duplex.read(0);
    stream.message(Buffer.from('complete'));
    stream.endByRemote();
    stream.closed();
    await macrotask();
    expect(duplex.destroyed).toBe(false);
    read();
    await macrotask();
    await macrotask();
    expect(seen).toMatchObject({ text: 'complete', ended: true });
    expect(duplex.destroyed).toBe(true);
  });

  it('does not throw when the connection is gone as it resumes', async () => {
    const { duplex, seen } = make((fake) => {
      fake.onResume = () => {
        throw new Error('cannot write to a closed stream');
      };
    });
    duplex.read(0);
    await macrotask();
    expect(seen.errors).toHaveLength(1);
    expect(duplex.destroyed).toBe(true);
  });

  it('does not resume what has closed meanwhile', async () => {
    const { stream, duplex, seen } = make();
    stream.readStatus = 'closed';
    duplex.read(0);
    await macrotask();
    expect(stream.calls).toEqual(['pause']);
    expect(seen.errors).toEqual([]);
  });
});

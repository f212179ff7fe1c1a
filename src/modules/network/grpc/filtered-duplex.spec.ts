import { once } from 'node:events';
import { duplexPair } from 'node:stream';
import { describe, expect, it } from '@jest/globals';
import { FilteredDuplex } from './filtered-duplex.js';
import { GoawayWatch } from './goaway-watch.js';

function filtered(push: (chunk: Uint8Array, emit: (bytes: Uint8Array) => void) => void) {
  const [near, inner] = duplexPair();
  near.on('error', () => {});
  const duplex = new FilteredDuplex(inner, {
    inbound: { push },
    outbound: new GoawayWatch(0),
    onGivenUp: () => {},
  });
  return { near, inner, duplex };
}

describe(FilteredDuplex.name, () => {
  it('gives what the filter lets through', async () => {
    const { near, duplex } = filtered((chunk, emit) => emit(Buffer.from(`<${chunk}>`)));
    near.write('one');
    const [chunk] = (await once(duplex, 'data')) as [Buffer];
    expect(String(chunk)).toBe('<one>');
    duplex.destroy();
  });

  it.each([
    { name: 'an error', thrown: new Error('too many frames') },
    { name: 'what is no error', thrown: 'too many frames' },
  ])('ends with its inner stream when the filter throws $name', async ({ thrown }) => {
    const { near, inner, duplex } = filtered(() => {
      throw thrown;
    });
    duplex.resume();
    near.write('one');
    const [error] = await once(duplex, 'error');
    expect(error).toEqual(new Error('too many frames'));
    expect(inner.destroyed).toBe(true);
  });
});

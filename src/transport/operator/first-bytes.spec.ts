import { PassThrough } from 'node:stream';
import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { onSpoken, type Spoken, spokenBy } from './first-bytes.js';

describe(spokenBy.name, () => {
  it.each<[string, Spoken | undefined]>([
    ['', undefined],
    ['P', undefined],
    ['PR', undefined],
    ['PRI', 'http2'],
    ['PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 'http2'],
    ['POST /v1.System/GetStatus HTTP/1.1', 'http1'],
    ['PROPFIND', 'http1'],
    ['G', 'http1'],
    ['pri', 'http1'],
    ['\u0016\u0003\u0001', 'http1'],
  ])('%j is %s', (text, expected) => {
    expect(spokenBy(Buffer.from(text, 'latin1'))).toBe(expected);
  });
});

describe(onSpoken.name, () => {
  it('waits for enough bytes, decides once, and leaves all of them to be read', async () => {
    const socket = new PassThrough();
    const heard: Spoken[] = [];
    onSpoken(socket, (spoken) => heard.push(spoken));
    for (const part of ['P', 'R', 'I *', ' HTTP']) {
      socket.write(part);
      await turn();
    }
    expect(heard).toEqual(['http2']);
    expect(String(socket.read())).toBe('PRI * HTTP');
  });
});

import { once } from 'node:events';
import { PassThrough } from 'node:stream';
import { describe, expect, it } from '@jest/globals';
import { GrpcStatus } from '../../../common/grpc-status.js';
import { frameMessage } from './grpc-message.js';
import { readRequest } from './request-reader.js';

describe('readRequest', () => {
  it('gives the one message once the client has ended', async () => {
    const stream = new PassThrough();
    const request = readRequest(stream, 100);
    stream.end(frameMessage(Buffer.from('hello')));
    expect(Buffer.from(await request).toString()).toBe('hello');
  });

  it('finds no message on a stream that ended before its turn came', async () => {
    const stream = new PassThrough();
    stream.end();
    stream.resume();
    await once(stream, 'end');
    await expect(readRequest(stream, 100)).rejects.toMatchObject({ code: GrpcStatus.UNIMPLEMENTED });
  });
});

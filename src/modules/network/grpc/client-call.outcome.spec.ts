import { duplexPair } from 'node:stream';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { Cleanups } from '../../../../test/support/cleanups.js';
import { eventually, settled } from '../../../../test/support/eventually.js';
import { Flags, PREFACE, parseFrames } from '../../../../test/support/http2-bytes.js';
import { ManualClock } from '../../../../test/support/manual-clock.js';
import { data, PEER, responseHeaders, SETTINGS, trailers } from '../../../../test/support/rpc-client-rig.js';
import { NetworkError } from '../network.errors.js';
import { ClientCall } from './client-call.js';
import { MessageReader } from './grpc-message.js';

const cleanups = new Cleanups();
afterEach(() => cleanups.run());

function aCall() {
  const [near, far] = duplexPair();
  far.on('error', () => {});
  const received: Buffer[] = [];
  far.on('data', (chunk: Buffer) => received.push(chunk));
  const hasRequest = () =>
    parseFrames(Buffer.concat(received).subarray(PREFACE.length)).some(
      ({ type, flags }) => type === 'data' && (flags & Flags.END_STREAM) !== 0,
    );
  const clock = new ManualClock();
  const call = new ClientCall(near, {
    peerId: PEER,
    method: {
      protocol: '/test/0.1',
      path: '/v1.Test/Echo',
      encode: (text: string) => Buffer.from(text),
      decode: (bytes) => Buffer.from(bytes).toString(),
      maxResponseBytes: 1_000,
    },
    request: 'x',
    userAgent: 'test',
    clock,
    memory: { resize: () => {}, release: () => {} },
  });
  cleanups.add(async () => {
    call.close();
    await eventually(() => near.destroyed);
    await eventually(() => clock.pendingTimers === 0);
  });
  return { call, far, hasRequest };
}

describe(ClientCall.name, () => {
  it('may be closed before its session has begun', async () => {
    const { call } = aCall();
    call.close();
    await expect(call.next(1_000)).rejects.toMatchObject({ code: 'NETWORK.STREAM_FAILED' });
  });

  it('keeps its first outcome when the reply comes well after all, behind what was received', async () => {
    const { call, far, hasRequest } = aCall();
    const error = new NetworkError({ code: 'NETWORK.CANCELLED' });
    call.fail(error);
    await eventually(hasRequest);
    far.write(Buffer.concat([SETTINGS, responseHeaders(), data('yes', 'no'), trailers('0')]));
    const received: string[] = [];
    await eventually(() => {
      const message = call.take();
      if (message !== undefined) received.push(message);
      return received.length === 2;
    });
    await settled(() => far.readableLength);
    expect(received).toEqual(['yes', 'no']);
    await expect(call.next(1_000)).rejects.toBe(error);
  });

  it('lets a bug pass as it is', () => {
    const { call } = aCall();
    const bug = new TypeError('a bug');
    const next = jest.spyOn(MessageReader.prototype, 'next').mockImplementation(() => {
      throw bug;
    });
    cleanups.add(() => next.mockRestore());
    expect(() => call.take()).toThrow(bug);
  });
});

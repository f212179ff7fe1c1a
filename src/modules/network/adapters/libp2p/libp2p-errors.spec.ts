import { describe, expect, it } from '@jest/globals';
import { UnsupportedProtocolError } from '@libp2p/interface';
import { testPeerId } from '../../../../../test/support/peer-ids.js';
import { NetworkError } from '../../network.errors.js';
import { dialError, listenError, publishError, streamError } from './libp2p-errors.js';

const peerId = testPeerId(1);
const named = (name: string) => Object.assign(new Error('said the library'), { name });

describe('foreign errors become ours', () => {
  it.each([
    [new UnsupportedProtocolError('na'), 'NETWORK.PROTOCOL_UNSUPPORTED'],
    [named('ConnectionClosedError'), 'NETWORK.NOT_CONNECTED'],
    [named('MuxerClosedError'), 'NETWORK.NOT_CONNECTED'],
    [named('StreamResetError'), 'NETWORK.STREAM_FAILED'],
    ['a string', 'NETWORK.STREAM_FAILED'],
  ])('when opening a stream: %s', (cause, code) => {
    const error = streamError(cause, peerId, '/id/0.1');
    expect(error).toMatchObject({ code, cause, detail: { peerId } });
  });

  it('when dialing, publishing and listening, with the cause kept', () => {
    const cause = named('AnyError');
    expect(dialError(cause, peerId)).toMatchObject({
      code: 'NETWORK.DIAL_FAILED',
      cause,
      detail: { peerId },
    });
    expect(publishError(cause, 'topic')).toMatchObject({ code: 'NETWORK.PUBLISH_FAILED', cause });
    expect(listenError(cause, '/ip4/127.0.0.1/tcp/1')).toMatchObject({
      code: 'NETWORK.LISTEN_FAILED',
      cause,
    });
  });

  it('with the reason out of what libp2p prints around it', () => {
    const cause = new Error(
      'Some configured addresses failed to be listened on, you may need to set NO_FATAL:\n\n  /ip4/1.2.3.4/tcp/1: Error: listen EADDRNOTAVAIL: address not available 1.2.3.4:1\n      at Server.setup\n',
    );
    expect(listenError(cause, 'x').detail).toMatchObject({
      reason: 'EADDRNOTAVAIL: address not available 1.2.3.4:1',
    });
  });

  it('and our own pass untouched', () => {
    const error = new NetworkError({ code: 'NETWORK.DIAL_TIMEOUT', peerId, timeoutMs: 1 });
    expect(dialError(error, peerId)).toBe(error);
    expect(streamError(error, peerId, '/id/0.1')).toBe(error);
  });
});

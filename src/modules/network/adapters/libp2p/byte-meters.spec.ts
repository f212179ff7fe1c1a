import { describe, expect, it } from '@jest/globals';
import type { MessageStream, Stream } from '@libp2p/interface';
import { FakeByteStream } from '../../../../../test/support/fake-byte-stream.js';
import { ManualClock } from '../../../../../test/support/manual-clock.js';
import { peerLimits } from '../../../../../test/support/peer-limits.js';
import { meterBytes, protocolMeters } from './byte-meters.js';

describe('byte meters', () => {
  it('count what is sent and what arrives, and change nothing of it', () => {
    const stream = new FakeByteStream();
    const counted = { received: 0, sent: 0 };
    meterBytes(stream as unknown as MessageStream, {
      received: (bytes) => {
        counted.received += bytes;
      },
      sent: (bytes) => {
        counted.sent += bytes;
      },
    });
    const heard: unknown[] = [];
    stream.addEventListener('message', (event) => heard.push((event as Event & { data: Uint8Array }).data));
    stream.message(Buffer.from('hello'));
    stream.drain();
    expect(stream.send(Buffer.from('you'))).toBe(true);
    expect(counted).toEqual({ received: 5, sent: 3 });
    expect(heard).toEqual([Buffer.from('hello')]);
    expect(stream.sent).toEqual([Buffer.from('you')]);
  });

  it('count each stream that libp2p opens under its protocol', () => {
    const { ledger } = peerLimits(new ManualClock());
    const metrics = protocolMeters(ledger)();
    const stream = Object.assign(new FakeByteStream(), { protocol: '/meshsub/1.1.0' });
    metrics.trackProtocolStream(stream as unknown as Stream);
    stream.message(Buffer.from('gossip'));
    expect(ledger.usage().protocols.get('/meshsub/1.1.0')).toMatchObject({ receivedBytes: 6, sentBytes: 0 });
  });

  it('leave libp2p’s own figures alone', () => {
    const metrics = protocolMeters(peerLimits(new ManualClock()).ledger)();
    metrics.registerCounter('x').increment();
    expect(metrics.registerHistogram('y').timer()()).toBeUndefined();
    const traced = () => 7;
    expect(metrics.traceFunction('z', traced)).toBe(traced);
  });
});

import { setImmediate as macrotask } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import type { Stream } from '@libp2p/interface';
import { FakeByteStream } from '../../../../../test/support/fake-byte-stream.js';
import { ManualClock } from '../../../../../test/support/manual-clock.js';
import { peerLimits } from '../../../../../test/support/peer-limits.js';
import type { PeerId } from '../../ports/types.js';
import { acceptStream } from './inbound-streams.js';

const [ALICE, BOB] = ['alice', 'bob'] as [PeerId, PeerId];

function make() {
  const { ledger, refused } = peerLimits(new ManualClock(), { streamsPerProtocol: 2, streamsPerPeer: 6 });
  const accept = (peerId = ALICE, protocol = '/syncer/0.2') => {
    const stream = new FakeByteStream();
    return { stream, duplex: acceptStream(ledger, { peerId, protocol }, stream as unknown as Stream) };
  };
  return { ledger, refused, accept };
}

describe('acceptStream', () => {
  it('counts streams until they are gone', async () => {
    const { ledger, accept } = make();
    const [first, second] = [accept(), accept(BOB)];
    expect(ledger.usage().total.streams).toBe(2);
    first.duplex?.destroy();
    second.stream.closed(new Error('reset by peer'));
    await macrotask();
    expect(ledger.usage().total.streams).toBe(0);
    expect(ledger.usage().peers.size).toBe(0);
  });

  it('resets a stream too many of one protocol, and no other', () => {
    const { refused, accept } = make();
    const open = Array.from({ length: 4 }, () => accept());
    const extra = accept();
    expect(extra.duplex).toBeUndefined();
    expect(extra.stream.abortedWith).toMatchObject({ code: 'NETWORK.LIMIT_REACHED' });
    expect(open.some(({ duplex }) => duplex?.destroyed)).toBe(false);
    expect(refused).toEqual(['NETWORK.LIMIT_REACHED']);
    expect(accept(ALICE, '/id/0.1').duplex).toBeDefined();
    expect(accept(BOB).duplex).toBeDefined();
  });

  it('resets a stream too many of all protocols', () => {
    const { accept } = make();
    for (let n = 0; n < 3; n += 1) for (const protocol of ['/a', '/b']) accept(ALICE, protocol);
    expect(accept(ALICE, '/c').duplex).toBeUndefined();
  });

  it('takes one again when another is gone', async () => {
    const { accept } = make();
    const open = Array.from({ length: 4 }, () => accept());
    open[2]?.duplex?.destroy();
    await macrotask();
    expect(accept().duplex).toBeDefined();
    expect(accept().duplex).toBeUndefined();
  });
});

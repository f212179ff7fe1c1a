import { describe, expect, it } from '@jest/globals';
import { multiaddr } from '@multiformats/multiaddr';
import { testPeerId } from '../../../../../test/support/peer-ids.js';
import type { PeerId } from '../../ports/types.js';
import { PeerRecords } from './peer-records.js';

const peerId = testPeerId(1);
const unknown = { protocols: [], addresses: [], agent: undefined };
const tell = (records: PeerRecords, told: { protocols?: string[]; addresses?: string[]; agent?: string }) =>
  records.identified(peerId, {
    protocols: told.protocols ?? [],
    listenAddrs: (told.addresses ?? []).map((address) => multiaddr(address)),
    ...(told.agent === undefined ? {} : { agentVersion: told.agent }),
  });

describe('PeerRecords', () => {
  it('keeps what identify told last, without peer IDs and repetitions, until the peer is gone', () => {
    const records = new PeerRecords();
    expect(records.infoOf(peerId)).toEqual(unknown);
    tell(records, { protocols: ['/old'] });
    tell(records, {
      protocols: ['/id/0.1', '/id/0.1'],
      addresses: ['/ip4/1.2.3.4/tcp/5', `/ip4/1.2.3.4/tcp/5/p2p/${peerId}`, '/dns4/a.b/tcp/1'],
      agent: 'go',
    });
    expect(records.infoOf(peerId)).toEqual({
      protocols: ['/id/0.1'],
      addresses: ['/ip4/1.2.3.4/tcp/5', '/dns4/a.b/tcp/1'],
      agent: 'go',
    });
    records.forget(peerId);
    expect(records.infoOf(peerId)).toEqual(unknown);
  });

  it('caps what a peer can make it hold', () => {
    const records = new PeerRecords();
    tell(records, {
      protocols: ['x'.repeat(257), ...Array.from({ length: 2_000 }, (_, n) => `/p/${n}`)],
      addresses: [
        `/dns4/${'a'.repeat(600)}/tcp/1`,
        ...Array.from({ length: 500 }, (_, n) => `/ip4/10.0.0.1/tcp/${n + 1}`),
      ],
      agent: 'a'.repeat(10_000),
    });
    const info = records.infoOf(peerId);
    expect(info.protocols).toHaveLength(100);
    expect(info.protocols[0]).toBe('/p/0');
    expect(info.addresses).toHaveLength(31);
    expect(info.agent).toHaveLength(256);
  });

  it('remembers addresses of the peers seen last', () => {
    const records = new PeerRecords();
    records.remember(peerId, '/ip4/1.2.3.4/tcp/1');
    for (let n = 0; n < 1_023; n += 1) records.remember(`peer-${n}` as PeerId, '/ip4/1.2.3.4/tcp/2');
    expect(records.addressOf(peerId)).toBe('/ip4/1.2.3.4/tcp/1');
    records.remember(peerId, '/ip4/1.2.3.4/tcp/3');
    records.remember('one more' as PeerId, '/ip4/1.2.3.4/tcp/2');
    expect(records.addressOf(peerId)).toBe('/ip4/1.2.3.4/tcp/3');
    expect(records.addressOf('peer-0' as PeerId)).toBeUndefined();
  });
});

import { createSocket } from 'node:dgram';
import { describe, expect, it } from '@jest/globals';
import {
  type PeerDiscoveryEvents,
  type PeerInfo,
  peerDiscoverySymbol,
  TypedEventEmitter,
} from '@libp2p/interface';
import { type MulticastDNSComponents, mdns } from '@libp2p/mdns';
import { peerIdFromString } from '@libp2p/peer-id';
import { type Multiaddr, multiaddr } from '@multiformats/multiaddr';
import { peerDiscoveryContract } from '../../../../../test/contract/peer-discovery.contract.js';
import { testPeerId } from '../../../../../test/support/peer-ids.js';
import type { Candidate } from '../../ports/peer-discovery.port.js';
import { MdnsDiscovery } from './mdns-discovery.js';

const never = { signal: new AbortController().signal };

/** Tells of peers when a test says so. */
class FakeMdns extends TypedEventEmitter<PeerDiscoveryEvents> {
  readonly [peerDiscoverySymbol] = this;
  tell(key: number, ...addresses: string[]): void {
    const detail: PeerInfo = {
      id: peerIdFromString(testPeerId(key)),
      multiaddrs: addresses.map((address) => multiaddr(address)),
    };
    this.safeDispatchEvent('peer', { detail });
  }
}

peerDiscoveryContract('MdnsDiscovery', async () => {
  const fake = new FakeMdns();
  return {
    discovery: new MdnsDiscovery(fake),
    known: { peerId: testPeerId(2), transport: '/ip4/192.168.1.2/tcp/1478' },
    unknown: testPeerId(3),
    reveal: async () => fake.tell(2, '/ip4/192.168.1.2/tcp/1478'),
    close: async () => {},
  };
});

describe('MdnsDiscovery', () => {
  const started = async () => {
    const fake = new FakeMdns();
    const discovery = new MdnsDiscovery(fake);
    const heard: Candidate[] = [];
    discovery.candidates$.subscribe((candidate) => heard.push(candidate));
    await discovery.start();
    return { fake, discovery, heard };
  };

  it('tells of every address that can be dialed, once, and of no other', async () => {
    const { fake, heard } = await started();
    const [first, second] = ['/ip4/10.0.0.1/tcp/1', '/ip6/fd00::1/tcp/1'];
    fake.tell(2, first, '/ip4/10.0.0.1/udp/1/quic-v1', second, first, '/ip4/10.0.0.1/tcp/0');
    fake.tell(3);
    expect(heard.map(({ address, source }) => [address.transport, source])).toEqual([
      [first, 'mdns'],
      [second, 'mdns'],
    ]);
  });

  it('looks at eight addresses of a peer, and remembers 256 peers', async () => {
    const { fake, discovery, heard } = await started();
    fake.tell(2, ...Array.from({ length: 100 }, (_, n) => `/ip4/10.0.0.${n}/tcp/1`));
    expect(heard).toHaveLength(8);
    expect(await discovery.locate(testPeerId(2), never)).toHaveLength(8);
  });

  it('tells nothing that comes before the start', async () => {
    const fake = new FakeMdns();
    const discovery = new MdnsDiscovery(fake);
    const heard: Candidate[] = [];
    discovery.candidates$.subscribe((candidate) => heard.push(candidate));
    fake.tell(2, '/ip4/10.0.0.1/tcp/1');
    expect(heard).toEqual([]);
    expect(await discovery.locate(testPeerId(2), never)).toEqual([]);
  });

  it('finds another node by multicast on this machine', async () => {
    const port = await freeUdpPort();
    const [a, b] = [1, 2].map((key) => {
      const addresses = [multiaddr(`/ip4/127.0.0.1/tcp/${key}/p2p/${testPeerId(key)}`)];
      return new MdnsDiscovery(
        mdns({ serviceTag: '_edgekeeper-100._udp.local', interval: 50, port })(componentsOf(addresses)),
      );
    });
    if (a === undefined || b === undefined) throw new Error('two were made');
    const found = new Promise<Candidate>((resolve) => a.candidates$.subscribe(resolve));
    await Promise.all([a.start(), b.start()]);
    expect(await found).toEqual({
      address: { peerId: testPeerId(2), transport: '/ip4/127.0.0.1/tcp/2' },
      source: 'mdns',
    });
    await Promise.all([a.stop(), b.stop()]);
  });
});

/** What mDNS uses of a node. */
function componentsOf(addresses: Multiaddr[]): MulticastDNSComponents {
  const log = Object.assign(() => {}, {
    error: () => {},
    trace: () => {},
    enabled: false,
    newScope: () => log,
  });
  const used = { addressManager: { getAddresses: () => addresses }, logger: { forComponent: () => log } };
  return used as unknown as MulticastDNSComponents;
}

async function freeUdpPort(): Promise<number> {
  const socket = createSocket('udp4');
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
  const { port } = socket.address();
  await new Promise<void>((resolve) => socket.close(resolve));
  return port;
}

import { createSocket } from 'node:dgram';
import { setTimeout as pause } from 'node:timers/promises';
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
import { eventually, settled } from '../../../../../test/support/eventually.js';
import { testPeerId } from '../../../../../test/support/peer-ids.js';
import { RecordingLogger } from '../../../../../test/support/recording-logger.js';
import type { Candidate } from '../../ports/peer-discovery.port.js';
import { MdnsDiscovery } from './mdns-discovery.js';

const log = new RecordingLogger();
const never = { signal: new AbortController().signal };

/** Tells of peers when a test says so. */
class FakeMdns extends TypedEventEmitter<PeerDiscoveryEvents> {
  readonly [peerDiscoverySymbol] = this;
  readonly acts: string[] = [];
  isBroken = false;
  async start(): Promise<void> {
    await this.#act('start');
  }
  async stop(): Promise<void> {
    await this.#act('stop');
  }
  async #act(act: string): Promise<void> {
    this.acts.push(act);
    await pause(5);
    this.acts.push(`${act} done`);
    if (this.isBroken) throw new Error('broken');
  }
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
    discovery: new MdnsDiscovery(fake, log),
    known: { peerId: testPeerId(2), transport: '/ip4/192.168.1.2/tcp/1478' },
    unknown: testPeerId(3),
    reveal: async () => fake.tell(2, '/ip4/192.168.1.2/tcp/1478'),
    close: async () => {},
  };
});

describe('MdnsDiscovery', () => {
  const started = async () => {
    const fake = new FakeMdns();
    const discovery = new MdnsDiscovery(fake, log);
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
    const discovery = new MdnsDiscovery(fake, log);
    const heard: Candidate[] = [];
    discovery.candidates$.subscribe((candidate) => heard.push(candidate));
    fake.tell(2, '/ip4/10.0.0.1/tcp/1');
    expect(heard).toEqual([]);
    expect(await discovery.locate(testPeerId(2), never)).toEqual([]);
  });

  it('stops the service while it is paused, each act after the one before, and starts it no more after the stop', async () => {
    const { fake, discovery } = await started();
    discovery.isPaused = true;
    discovery.isPaused = true;
    await eventually(() => fake.acts.length === 4);
    discovery.isPaused = false;
    await eventually(() => fake.acts.length === 5);
    discovery.isPaused = true;
    const stopped = discovery.stop();
    discovery.isPaused = false;
    await stopped;
    const once = ['start', 'start done', 'stop', 'stop done'];
    expect(fake.acts).toEqual([...once, ...once]);
    await discovery.start();
    expect(fake.acts).toHaveLength(8);
  });

  it('logs that the service could not be stopped, and goes on', async () => {
    const { fake, discovery } = await started();
    fake.isBroken = true;
    discovery.isPaused = true;
    await eventually(() => log.lines.length > 0);
    expect(log.messages('warn')).toEqual(['mdns could not be paused or resumed']);
    fake.isBroken = false;
    discovery.isPaused = false;
    await discovery.stop();
  });

  it('finds another node by multicast on this machine, and neither asks nor answers while it is paused', async () => {
    const port = await freeUdpPort();
    const [a, b] = [1, 2].map((key) => {
      const addresses = [multiaddr(`/ip4/127.0.0.1/tcp/${key}/p2p/${testPeerId(key)}`)];
      return new MdnsDiscovery(
        mdns({ serviceTag: '_edgekeeper-100._udp.local', interval: 50, port })(componentsOf(addresses)),
        log,
      );
    });
    if (a === undefined || b === undefined) throw new Error('two were made');
    const found = new Promise<Candidate>((resolve) => a.candidates$.subscribe(resolve));
    b.isPaused = true;
    await Promise.all([a.start(), b.start()]);
    let isFound = false;
    void found.then(() => {
      isFound = true;
    });
    expect(await settled(() => isFound, 50)).toBe(false);
    b.isPaused = false;
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

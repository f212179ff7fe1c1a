import { create } from '@bufbuild/protobuf';
import { describe, expect, it } from '@jest/globals';
import { anAddress, aPeerId, NetworkUnderTest } from '../../../../test/support/network-under-test.js';
import { FindPeersReqSchema } from '../../../gen/v1/discovery_pb.js';
import { parseNetworks } from '../address/cidr.js';
import { parsePeerAddress } from '../address/peer-address.js';
import type { PeerId } from '../ports/types.js';
import { AnnouncePolicy } from './announce-policy.js';
import { DiscoveryController } from './discovery.controller.js';
import { kadIdOfKey } from './routing-table.js';

const caller = aPeerId(1);
const policyOf = ({ book, bans }: NetworkUnderTest) => new AnnouncePolicy(parseNetworks([]), book, bans);
const signal = new AbortController().signal;

async function withPeers(count: number): Promise<NetworkUnderTest> {
  const net = new NetworkUnderTest({ config: { maxInboundPeers: 100 } }).start();
  for (let n = 1; n <= count; n++) {
    await net.connect(n);
    net.host.infos.set(aPeerId(n), {
      protocols: [],
      addresses: [anAddress(n).transport],
      agent: undefined,
      latencyMs: undefined,
    });
  }
  return net;
}

function ask(net: NetworkUnderTest, request: { key?: string; count: bigint }, peerId = caller): string[] {
  const controller = new DiscoveryController(net.host, net.routing, net.slots, policyOf(net));
  return controller.findPeers(create(FindPeersReqSchema, request), undefined, { peerId, signal }).nodes;
}

const idsOf = (nodes: string[]): PeerId[] => nodes.map((node) => parsePeerAddress(node).peerId);

describe(DiscoveryController.name, () => {
  it('tells the nearest peers to the caller, never the caller', async () => {
    const net = await withPeers(30);
    const nodes = ask(net, { count: 16n });
    const expected = net.routing.nearest(kadIdOfKey(caller), 30).filter((peerId) => peerId !== caller);
    expect(idsOf(nodes)).toEqual(expected.slice(0, 16));
  });

  it('answers a visitor of a full node once', async () => {
    const net = await withPeers(2);
    net.slots.beginCourtesy(aPeerId(3));
    expect(ask(net, { count: 16n }, aPeerId(3))).toHaveLength(2);
    expect(() => ask(net, { count: 16n }, aPeerId(3))).toThrow(
      expect.objectContaining({ code: 'NETWORK.RATE_LIMITED' }),
    );
  });

  it('tells the nearest peers to a key', async () => {
    const net = await withPeers(10);
    const expected = net.routing.nearest(kadIdOfKey('abc'), 10).filter((peerId) => peerId !== caller);
    expect(idsOf(ask(net, { key: 'abc', count: 3n }))).toEqual(expected.slice(0, 3));
  });

  it('knows nobody else: an empty answer', async () => {
    expect(ask(await withPeers(1), { count: 16n })).toEqual([]);
  });

  it.each([
    { name: 'without any address', addresses: [] },
    {
      name: 'with none that can be dialed',
      addresses: ['', '/', 'junk', '/p2p-circuit', '/ip4/1.2.3.4/tcp/99999'],
    },
  ])('leaves out a peer $name', async ({ addresses }) => {
    const net = await withPeers(2);
    net.host.infos.set(aPeerId(2), { protocols: [], addresses, agent: undefined, latencyMs: undefined });
    expect(ask(net, { count: 16n })).toEqual([]);
  });

  it('tells where it dialed a peer that says nothing of itself', async () => {
    const net = await withPeers(1);
    net.host.open(aPeerId(2), 'outbound', '/ip4/127.0.0.1/tcp/7');
    await net.settle();
    expect(ask(net, { count: 16n })).toEqual([`/ip4/127.0.0.1/tcp/7/p2p/${aPeerId(2)}`]);
  });

  it('does not tell from where a peer came', async () => {
    const net = await withPeers(1);
    net.host.open(aPeerId(2), 'inbound', '/ip4/127.0.0.1/tcp/7');
    await net.settle();
    expect(ask(net, { count: 16n })).toEqual([]);
  });

  it('does not tell local addresses to callers from outside', async () => {
    const net = await withPeers(3);
    const addresses = ['/ip4/10.0.0.1/tcp/1', '/ip4/9.9.9.9/tcp/1'];
    net.host.infos.set(aPeerId(2), { protocols: [], addresses, agent: undefined, latencyMs: undefined });
    net.host.open(aPeerId(4), 'inbound', '/ip4/8.8.8.8/tcp/1');
    await net.settle();
    expect(ask(net, { count: 16n }, aPeerId(4))).toEqual([`/ip4/9.9.9.9/tcp/1/p2p/${aPeerId(2)}`]);
  });

  it('does not tell of a peer that is banned or in quarantine', async () => {
    const net = await withPeers(4);
    await net.bans.ban(aPeerId(2), { reason: 'test', by: 'test' });
    net.book.quarantine(aPeerId(3), net.clock.nowMs() + 1);
    expect(idsOf(ask(net, { count: 16n }))).toEqual([aPeerId(4)]);
  });

  it('looks at few of the addresses that a peer claims', async () => {
    const net = await withPeers(2);
    const addresses = [...new Array<string>(16).fill('junk'), '/ip4/127.0.0.1/tcp/1'];
    net.host.infos.set(aPeerId(2), { protocols: [], addresses, agent: undefined, latencyMs: undefined });
    expect(ask(net, { count: 16n })).toEqual([]);
  });

  it('refuses a bad request', async () => {
    const net = await withPeers(1);
    expect(() => ask(net, { count: 17n })).toThrow('inside range');
  });
});

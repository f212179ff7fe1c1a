import { afterEach, describe, expect, it } from '@jest/globals';
import { addressOf, dial } from '../../../../../test/contract/host-fleet.js';
import { eventually, settled } from '../../../../../test/support/eventually.js';
import { aHostContext } from '../../../../../test/support/host-context.js';
import { ManualClock } from '../../../../../test/support/manual-clock.js';
import { testPeerId } from '../../../../../test/support/peer-ids.js';
import type { Host, HostConnection } from '../../ports/host.port.js';
import type { Direction } from '../../ports/types.js';
import { createLibp2pHost } from './libp2p-host.js';
import { createLibp2pNode } from './libp2p-node.js';
import { isDialedByLower, redundantConnections } from './redundant-connections.js';

// By the bytes of their peer IDs.
const [LOWER, HIGHER] = [1, 2];
const [lower, higher] = [testPeerId(LOWER), testPeerId(HIGHER)];
const connection = (id: string, direction: Direction, peerId = higher): HostConnection => ({
  id,
  peerId,
  direction,
  remote: '/ip4/127.0.0.1/tcp/1',
  openedAtMs: 0,
});

describe(redundantConnections.name, () => {
  const [ours, theirs] = [connection('ours', 'outbound'), connection('theirs', 'inbound')];
  it.each([
    { name: 'what the higher dialed', given: [theirs, ours], agent: 'edgekeeper/1', expected: ['theirs'] },
    { name: 'nothing of one', given: [theirs], agent: 'edgekeeper', expected: [] },
    { name: 'nothing without our own', given: [theirs, theirs], agent: 'edgekeeper', expected: [] },
    { name: 'nothing of two of our own', given: [ours, ours], agent: 'edgekeeper', expected: [] },
    { name: 'nothing with other software', given: [ours, theirs], agent: 'go-libp2p', expected: [] },
    { name: 'nothing before identify', given: [ours, theirs], agent: undefined, expected: [] },
  ])('$name', ({ given, agent, expected }) => {
    expect(redundantConnections(lower, given, agent).map(({ id }) => id)).toEqual(expected);
  });

  it('nothing at the end with the higher ID', () => {
    const given = [connection('ours', 'outbound', lower), connection('theirs', 'inbound', lower)];
    expect(redundantConnections(higher, given, 'edgekeeper')).toEqual([]);
    expect(given.map((one) => isDialedByLower(higher, one))).toEqual([false, true]);
  });
});

describe('two connections to one peer', () => {
  const clock = new ManualClock();
  const stops: (() => Promise<unknown>)[] = [];
  afterEach(async () => {
    await Promise.all(stops.splice(0).map((stop) => stop()));
  });

  const startedHost = async (key: number): Promise<Host> => {
    const host = await createLibp2pHost(aHostContext(key, { clock }));
    stops.push(() => host.stop());
    await host.start();
    return host;
  };
  /** A peer that dials without asking what is there already. */
  const startedNode = async (key: number, agent: string) => {
    const node = await createLibp2pNode(aHostContext(key, { agent }));
    stops.push(async () => node.libp2p.stop());
    await node.libp2p.start();
    const transport = node.libp2p.getMultiaddrs()[0]?.toString().split('/p2p/')[0] ?? '';
    return { ...node, address: { peerId: testPeerId(key), transport } };
  };
  const twiceConnected = async (hostKey: number, nodeKey: number, agent: string) => {
    const [host, node] = [await startedHost(hostKey), await startedNode(nodeKey, agent)];
    const kept = await dial(host, node.address);
    const { transport } = addressOf(host);
    const raw = await node.dial(transport, host.peerId, new AbortController().signal);
    await eventually(() => host.connections().length === 2 && host.peerInfo(kept.peerId).agent === agent);
    return { host, node, kept, raw };
  };

  it('become the one that the lower dialed, once streams had time to end', async () => {
    const { host, kept, raw } = await twiceConnected(LOWER, HIGHER, 'edgekeeper/other');
    await settled(() => clock.pendingTimers);
    expect(host.connections()).toHaveLength(2);
    clock.advance(1_000);
    await eventually(() => raw.status === 'closed');
    expect(host.connections().map(({ id }) => id)).toEqual([kept.id]);
  });

  it('stay when the other software is not ours', async () => {
    const { host } = await twiceConnected(LOWER, HIGHER, 'other/1');
    clock.advance(1_000);
    expect(await settled(() => host.connections().length)).toBe(2);
  });

  it('stay until the lower closes', async () => {
    const { host } = await twiceConnected(HIGHER, LOWER, 'edgekeeper/other');
    clock.advance(1_000);
    expect(await settled(() => host.connections().length)).toBe(2);
    expect((await dial(host, { peerId: lower, transport: '' })).direction).toBe('inbound');
  });

  it('stay one when the one to be kept closed first', async () => {
    const { host, node, raw } = await twiceConnected(LOWER, HIGHER, 'edgekeeper/other');
    const other = node.libp2p.getConnections().find(({ id }) => id !== raw.id);
    await other?.close();
    await eventually(() => host.connections().length === 1);
    clock.advance(1_000);
    expect(await settled(() => host.connections()[0]?.direction)).toBe('inbound');
    expect(raw.status).toBe('open');
  });

  it('leave exactly one when two nodes dial each other at once, 20 times', async () => {
    const [a, b] = [await startedHost(LOWER), await startedHost(HIGHER)];
    for (let round = 0; round < 20; round += 1) {
      await Promise.all([dial(a, addressOf(b)), dial(b, addressOf(a))]);
      const counts = () => [a, b].map((host) => host.connections().length).join();
      // Either one dial gave way to the other, or both came through and the grace begins.
      await settled(counts, 8);
      clock.advance(1_000);
      await eventually(() => counts() === '1,1', { describe: counts });
      clock.advance(5_000);
      expect(await settled(counts, 8)).toBe('1,1');
      await a.disconnect(b.peerId);
      await eventually(() => b.connections().length === 0);
    }
    expect(clock.pendingTimers).toBeLessThan(50);
  });
});

import { afterEach, describe, expect, it } from '@jest/globals';
import { anAddress, NetworkUnderTest } from '../../../../test/support/network-under-test.js';
import { aPeerId } from '../../../../test/support/peer-ids.js';
import { SlotRotation } from './slot-rotation.service.js';

const INTERVAL_MS = 60_000;
const BOOTNODE = 9;

describe(SlotRotation.name, () => {
  const running: NetworkUnderTest[] = [];
  afterEach(async () => {
    for (const net of running.splice(0)) await net.stop();
  });

  /** A node with two outbound slots, both held by peers 1 and 2; its bootnode does not answer. */
  async function fullNode({ isBootnodeThere = false, slots = 2, pinned = [] as number[] } = {}) {
    const net = new NetworkUnderTest({
      config: {
        maxOutboundPeers: slots,
        reservedSlots: 0,
        rotationIntervalMs: INTERVAL_MS,
        trustedPeers: pinned.map((n) => aPeerId(n)),
      },
      bootnodes: [anAddress(BOOTNODE)],
    });
    running.push(net);
    net.host.dialScript = ({ peerId }) =>
      peerId === aPeerId(BOOTNODE) && !isBootnodeThere ? 'refuse' : 'connect';
    net.start();
    await net.settle();
    for (const n of [1, 2]) await net.connect(n, 'outbound');
    return net;
  }

  const evicted = (net: NetworkUnderTest) =>
    net.story('peer:disconnected').filter((line) => line.endsWith('NETWORK.EVICTED'));

  it('gives up one outbound peer per interval while a bootnode is away and no slot is free', async () => {
    const net = await fullNode();
    await net.settle(INTERVAL_MS - 1_000);
    expect(evicted(net)).toEqual([]);
    await net.settle(31_000);
    expect(evicted(net)).toHaveLength(1);
  });

  it.each([
    { name: 'a slot is free', given: { slots: 3 } },
    { name: 'the bootnode is there', given: { slots: 3, isBootnodeThere: true } },
    { name: 'all that are here were named by the operator', given: { pinned: [1, 2] } },
  ])('gives up nobody while $name', async ({ given }) => {
    const net = await fullNode(given);
    await net.settle(5 * INTERVAL_MS);
    expect(evicted(net)).toEqual([]);
  });

  it('stops', async () => {
    const net = await fullNode();
    net.rotation.start();
    net.rotation.stop();
    net.rotation.stop();
    await net.settle(5 * INTERVAL_MS);
    expect(evicted(net)).toEqual([]);
  });
});

import { afterEach, describe, expect, it } from '@jest/globals';
import { peerIdFromString } from '@libp2p/peer-id';
import { aHostContext } from '../../../../../test/support/host-context.js';
import { testPeerId } from '../../../../../test/support/peer-ids.js';
import { createLibp2pNode, type Libp2pNode } from './libp2p-node.js';

describe('libp2p', () => {
  const nodes: Libp2pNode[] = [];
  afterEach(async () => {
    await Promise.all(nodes.splice(0).map(async ({ libp2p }) => libp2p.stop()));
  });

  it('dials nobody by itself, whom it knows or whose address it was told', async () => {
    for (const key of [1, 2]) nodes.push(await createLibp2pNode(aHostContext(key)));
    for (const { libp2p } of nodes) await libp2p.start();
    const [node, other] = nodes;
    const [address] = other?.libp2p.getMultiaddrs() ?? [];
    if (node === undefined || address === undefined) throw new Error('two were started');
    const known = peerIdFromString(testPeerId(2));
    await node.libp2p.peerStore.merge(known, { multiaddrs: [address] });
    for (const target of [known, address]) {
      await expect(node.libp2p.dial(target)).rejects.toMatchObject({ name: 'DialDeniedError' });
    }
    expect(other?.libp2p.getConnections()).toEqual([]);
  });
});

import { createHash } from 'node:crypto';
import { afterEach, describe, expect, it } from '@jest/globals';
import { parts } from '../../sim/graph.js';
import { eventually } from '../../support/eventually.js';
import type { NetworkNode } from '../../support/network-node.js';
import { NetworkNodes } from '../../support/network-nodes.js';
import { testPeerId } from '../../support/peer-ids.js';

const NODES = 20;
const BOOTNODES = 3;
const OUTBOUND = 4;
const NOWHERE = `/ip4/127.0.0.1/tcp/9/p2p/${testPeerId(16)}`;

describe('twenty nodes over TCP', () => {
  const nodes = new NetworkNodes();
  afterEach(() => nodes.stop());

  it('become one network with every outbound slot held or nobody left to dial', async () => {
    const all: NetworkNode[] = [];
    for (let n = 0; n < NODES; n++) {
      const known = all.slice(0, BOOTNODES).map(({ address }) => address);
      const bootnodes = known.length > 0 ? known : [NOWHERE];
      const config = {
        maxOutboundPeers: OUTBOUND,
        maxInboundPeers: 8,
        discoveryIntervalMs: 250,
        bootnodeIntervalMs: 1_000,
      };
      const networkKey = new Uint8Array(createHash('sha256').update(`node ${n}`).digest());
      all.push(await nodes.start({ networkKey, bootnodes, config }));
    }
    const graph = () => {
      const numbers = new Map(all.map(({ peerId }, n) => [peerId, n]));
      return new Map(
        all.map((node, n) => [n, new Set(node.table().flatMap((peerId) => numbers.get(peerId) ?? []))]),
      );
    };
    await eventually(() => parts(graph()).length === 1 && all.every(({ isSettled }) => isSettled), {
      timeoutMs: 120_000,
      describe: () =>
        `parts of ${parts(graph()).join()}, settled ${all.map(({ isSettled }) => isSettled).join()}`,
    });
    expect(parts(graph())).toEqual([NODES]);
  });
});

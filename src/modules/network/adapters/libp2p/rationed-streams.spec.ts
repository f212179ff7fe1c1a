import { finished } from 'node:stream/promises';
import { afterEach, describe, expect, it } from '@jest/globals';
import { dial, failureOf, open, readAll } from '../../../../../test/contract/host-fleet.js';
import { eventually } from '../../../../../test/support/eventually.js';
import { aHostContext } from '../../../../../test/support/host-context.js';
import { ManualClock } from '../../../../../test/support/manual-clock.js';
import { testPeerId } from '../../../../../test/support/peer-ids.js';
import { field, prefixed } from '../../../../../test/support/protobuf-bytes.js';
import type { Host } from '../../ports/host.port.js';
import { createLibp2pHost } from './libp2p-host.js';
import { createLibp2pNode } from './libp2p-node.js';

const IDENTIFY = '/ipfs/id/1.0.0';
const PUSH = '/ipfs/id/push/1.0.0';
const PING = '/ipfs/ping/1.0.0';

describe('services of libp2p', () => {
  const stops: (() => Promise<unknown>)[] = [];
  afterEach(async () => {
    await Promise.all(stops.splice(0).map((stop) => stop()));
  });

  const attacker = async (): Promise<Host> => {
    const host = await createLibp2pHost(aHostContext(1));
    stops.push(() => host.stop());
    await host.start();
    return host;
  };
  /** A node of ours whose clock stands still, so that nothing is won back. */
  const victim = async () => {
    const faults: string[] = [];
    const onMisbehaviour = (peerId: string, { code }: { code: string }) => faults.push(`${peerId} ${code}`);
    const node = await createLibp2pNode(aHostContext(2, { clock: new ManualClock(), onMisbehaviour }));
    stops.push(async () => node.libp2p.stop());
    await node.libp2p.start();
    const transport = node.libp2p.getMultiaddrs()[0]?.toString().split('/p2p/')[0] ?? '';
    return { libp2p: node.libp2p, faults, address: { peerId: testPeerId(2), transport } };
  };

  it.each([[IDENTIFY], [PING]])('answer a peer 32 times at once, no more: %s', async (protocol) => {
    const [host, node] = [await attacker(), await victim()];
    await dial(host, node.address);
    let refused = 0;
    for (let n = 0; n < 50; n += 1) {
      const stream = await open(host, testPeerId(2), protocol);
      stream.once('error', () => {
        refused += 1;
      });
      stream.end(protocol === PING ? Buffer.alloc(32) : undefined);
      await finished(stream.resume()).catch(() => {});
    }
    // Whoever connects asks on its own, too.
    expect(refused).toBeGreaterThanOrEqual(18);
    expect(refused).toBeLessThanOrEqual(20);
    expect(new Set(node.faults)).toEqual(new Set([`${testPeerId(1)} NETWORK.RATE_LIMITED`]));
  });

  it('echo no flood of pings', async () => {
    const [host, node] = [await attacker(), await victim()];
    await dial(host, node.address);
    const stream = await open(host, testPeerId(2), PING);
    stream.write(Buffer.alloc(200_000));
    await failureOf(stream);
  });

  it('keep 100 protocols and 32 addresses of a peer, however many it tells', async () => {
    const [host, node] = [await attacker(), await victim()];
    await dial(host, node.address);
    await eventually(() => host.peerInfo(testPeerId(2)).protocols.includes(PUSH));
    const protocols = Array.from({ length: 180 }, (_, n) => field(3, Buffer.from(`/spam/${n}`)));
    const addresses = Array.from({ length: 250 }, (_, n) => field(2, Buffer.of(4, 10, 0, 0, n, 6, 0, 1)));
    const agent = field(6, Buffer.alloc(2_000, 'x'));
    const message = prefixed(Buffer.concat([...protocols, ...addresses, agent]));
    const kept = async () => {
      const [peer] = await node.libp2p.peerStore.all();
      return peer;
    };
    for (let push = 0; push < 3; push += 1) {
      const stream = await open(host, testPeerId(2), PUSH);
      stream.end(Buffer.concat(Array.from({ length: 10 }, () => message)));
      await readAll(stream).catch(() => {});
      await eventually(
        async () => (await kept())?.protocols.some((name) => name.startsWith('/spam/')) === true,
      );
    }
    const peer = await kept();
    // One more for the protocol of each stream that it opens and we serve.
    expect(peer?.protocols.length).toBeLessThanOrEqual(101);
    expect(peer?.addresses.length).toBeLessThanOrEqual(32);
    expect(peer?.metadata.get('AgentVersion')?.length ?? 0).toBeLessThanOrEqual(256);
  });

  it('read no message of identify that is longer than 8 KiB', async () => {
    const [host, node] = [await attacker(), await victim()];
    await dial(host, node.address);
    await eventually(() => host.peerInfo(testPeerId(2)).protocols.includes(PUSH));
    const stream = await open(host, testPeerId(2), PUSH);
    stream.write(prefixed(Buffer.concat([field(3, Buffer.from('/spam/1')), field(6, Buffer.alloc(8_200))])));
    await failureOf(stream);
    const [peer] = await node.libp2p.peerStore.all();
    expect(peer?.protocols).not.toContain('/spam/1');
  });
});

import { afterEach, describe, expect, it } from '@jest/globals';
import { addressOf, dial, failureOf, open } from '../../../../../test/contract/host-fleet.js';
import { peerDiscoveryContract } from '../../../../../test/contract/peer-discovery.contract.js';
import { eventually, settled } from '../../../../../test/support/eventually.js';
import { aHostContext, type HostContextOptions } from '../../../../../test/support/host-context.js';
import { testPeerId } from '../../../../../test/support/peer-ids.js';
import { enumField, field, prefixed } from '../../../../../test/support/protobuf-bytes.js';
import { peerIdBytes } from '../../address/peer-id.js';
import type { HostContext } from '../../host-context.js';
import { networkConfigSchema } from '../../network.config.js';
import type { Host } from '../../ports/host.port.js';
import type { Candidate, PeerDiscovery } from '../../ports/peer-discovery.port.js';
import { createLibp2pHost } from './libp2p-host.js';

const PROTOCOL = '/edgekeeper/100/any/kad/1.0.0';
/** Whether the ban of a test holds. */
let isOn = false;
const never = { signal: new AbortController().signal };

interface NodeOptions extends HostContextOptions {
  readonly genesis?: string;
}

interface Node {
  readonly host: Host;
  readonly dht: PeerDiscovery;
  readonly heard: Candidate[];
}

async function created(key: number, { genesis, config, ...options }: NodeOptions = {}): Promise<Node> {
  const settings = { peerSources: ['kad-dht'], discoveryIntervalMs: 100, ...config };
  const context = aHostContext(key, { ...options, config: settings });
  const host = await createLibp2pHost({
    ...context,
    setup: { ...context.setup, genesisHash: () => genesis },
  });
  const [dht] = host.discoveries;
  if (dht === undefined) throw new Error('there is no DHT');
  const heard: Candidate[] = [];
  dht.candidates$.subscribe((candidate) => heard.push(candidate));
  await host.start();
  return { host, dht, heard };
}

async function started(key: number, options: NodeOptions = {}): Promise<Node> {
  const node = await created(key, options);
  await node.dht.start();
  return node;
}

peerDiscoveryContract('KadDhtDiscovery', async () => {
  const [{ host, dht }, teller, known] = [await created(1), await started(2), await started(3)];
  await dial(teller.host, addressOf(known.host));
  await eventually(() => teller.host.peerInfo(known.host.peerId).protocols.includes(PROTOCOL));
  let isTold = false;
  return {
    discovery: dht,
    known: addressOf(known.host),
    unknown: testPeerId(9),
    reveal: async () => {
      if (isTold) return;
      isTold = true;
      await dial(host, addressOf(teller.host));
      await eventually(async () => (await dht.locate(known.host.peerId, never)).length > 0);
    },
    silence: () => teller.host.handle(PROTOCOL, () => {}),
    close: async () => {
      await Promise.all([host, teller.host, known.host].map((each) => each.stop()));
    },
  };
});

describe('KadDhtDiscovery', () => {
  const nodes: Node[] = [];
  afterEach(async () => {
    await Promise.all(nodes.splice(0).map(({ host }) => host.stop()));
  });
  const node = async (key: number, options: NodeOptions = {}) => {
    const made = await started(key, options);
    nodes.push(made);
    return made;
  };

  it('is there when the configuration names it', async () => {
    expect(networkConfigSchema.parse({}).peerSources).not.toContain('kad-dht');
    const host = await createLibp2pHost(aHostContext(1));
    expect(host.discoveries).toEqual([]);
    await host.stop();
  });

  it('never opens a connection, whatever it hears of', async () => {
    const [asking, teller, ...others] = [await node(1), await node(2), await node(3), await node(4)];
    for (const other of others) await dial(teller.host, addressOf(other.host));
    await dial(asking.host, addressOf(teller.host));
    for (const other of others) {
      await eventually(() => asking.heard.some(({ address }) => address.peerId === other.host.peerId));
    }
    expect(await asking.dht.locate(testPeerId(9), never)).toEqual([]);
    expect(asking.host.connections().map(({ peerId }) => peerId)).toEqual([teller.host.peerId]);
    for (const other of others) expect(other.host.connections()).toHaveLength(1);
  });

  it('names who told, and never tells of itself', async () => {
    const [asking, teller, other] = [await node(1), await node(2), await node(3)];
    await dial(teller.host, addressOf(other.host));
    await dial(asking.host, addressOf(teller.host));
    await eventually(() => other.heard.length > 0 && asking.heard.length > 0);
    for (const { source } of [...asking.heard, ...other.heard]) expect(source).toBe(teller.host.peerId);
    const ownHeard = asking.heard.filter(({ address }) => address.peerId === asking.host.peerId);
    expect(ownHeard).toEqual([]);
  });

  it('meets only nodes of the same chain and genesis', async () => {
    const [a, b] = [await node(1), await node(2, { genesis: `0x${'ab'.repeat(32)}` })];
    await dial(a.host, addressOf(b.host));
    await eventually(() => a.host.peerInfo(b.host.peerId).protocols.length > 0);
    expect(a.host.peerInfo(b.host.peerId).protocols).toContain('/edgekeeper/100/abababababababab/kad/1.0.0');
    expect(a.host.peerInfo(b.host.peerId).protocols).not.toContain(PROTOCOL);
  });

  it.each([
    ['banned peers', { isRefused: (_remote: string, peerId?: string) => isOn && peerId === testPeerId(4) }],
    ['networks that are kept back', { config: { announceDenyCidrs: ['127.0.0.4/32'] } }],
  ])('does not tell of %s', async (_name, options) => {
    isOn = false;
    const [asking, teller, other] = [await node(1), await node(2, options), await node(3)];
    const kept = await node(4, { config: { listenHost: '127.0.0.4' } });
    await dial(teller.host, addressOf(other.host));
    await dial(teller.host, addressOf(kept.host));
    await eventually(() => teller.host.peerInfo(testPeerId(4)).protocols.includes(PROTOCOL));
    isOn = true;
    await dial(asking.host, addressOf(teller.host));
    await eventually(async () => (await asking.dht.locate(testPeerId(3), never)).length > 0);
    expect(await asking.dht.locate(testPeerId(4), never)).toEqual([]);
    expect(asking.heard.some(({ address }) => address.peerId === testPeerId(4))).toBe(false);
  });

  it('puts no question while it is paused, and the library none of its own', async () => {
    const [asking, teller] = [await created(1), await node(2)];
    nodes.push(asking);
    let questions = 0;
    teller.host.handle(PROTOCOL, (stream) => {
      stream
        .on('error', () => {})
        .once('data', (message: Buffer) => {
          // Behind its length and the field's number stands the kind; another kind asks whether the peer is there.
          if (message[2] === FIND_NODE) questions += 1;
          stream.end();
        });
    });
    asking.dht.isPaused = true;
    await asking.dht.start();
    await dial(asking.host, addressOf(teller.host));
    // The library's first question comes after a second.
    expect(await settled(() => questions, 300)).toBe(0);
    asking.dht.isPaused = false;
    await eventually(() => questions > 0);
  });

  it('forgets whom it may ask when they leave', async () => {
    const [asking, teller, other] = [await node(1), await node(2), await node(3)];
    await dial(teller.host, addressOf(other.host));
    await dial(asking.host, addressOf(teller.host));
    await eventually(() => asking.heard.length > 0);
    await asking.host.disconnect(teller.host.peerId);
    const count = asking.heard.length;
    expect(await asking.dht.locate(testPeerId(3), never)).toEqual([]);
    expect(await settled(() => asking.heard.length, 150)).toBe(count);
  });

  it('reads no answer of more than 64 KiB, and takes 16 peers of one', async () => {
    const [asking, teller] = [await node(1), await node(2)];
    const peersOf = (count: number) =>
      Buffer.concat(Array.from({ length: count }, (_, n) => field(8, peer(n))));
    let answer = peersOf(1_500);
    teller.host.handle(PROTOCOL, (stream) => {
      stream.once('data', () => stream.end(prefixed(Buffer.concat([enumField(1, FIND_NODE), answer]))));
    });
    await dial(asking.host, addressOf(teller.host));
    await eventually(() => asking.host.peerInfo(testPeerId(2)).protocols.includes(PROTOCOL));
    expect(await settled(() => asking.heard.length, 150)).toBe(0);
    answer = peersOf(500);
    await eventually(() => asking.heard.length > 0);
    expect(asking.heard.length % 16).toBe(0);
    expect(new Set(asking.heard.map(({ address }) => address.peerId)).size).toBe(16);
    expect(asking.host.connections()).toHaveLength(1);
  });

  it.each([
    ['ADD_PROVIDER', 2, () => field(9, peer(1, peerIdBytes(testPeerId(1))))],
    [
      'PUT_VALUE',
      0,
      () => field(3, Buffer.concat([field(1, Buffer.from('/pk/x')), field(2, Buffer.from('v'))])),
    ],
    ['GET_VALUE', 1, () => Buffer.alloc(0)],
  ])('keeps nothing for strangers: %s', async (_name, type, body) => {
    const [a, b] = [await node(1), await node(2)];
    await dial(a.host, addressOf(b.host));
    const ask = async (message: Buffer) => {
      const stream = await open(a.host, b.host.peerId, PROTOCOL);
      stream.write(prefixed(message));
      return new Promise((resolve) => stream.once('data', resolve).once('error', () => resolve('reset')));
    };
    const ping = Buffer.concat([enumField(1, 5), field(2, KEY)]);
    expect(await ask(ping)).toEqual(prefixed(ping));
    expect(await ask(Buffer.concat([enumField(1, type), field(2, KEY), body()]))).toBe('reset');
  });

  it('answers a peer only so often, and nothing that is too long', async () => {
    const faults: string[] = [];
    const onMisbehaviour: HostContext['onMisbehaviour'] = (peerId, { code }) =>
      faults.push(`${peerId} ${code}`);
    const [a, b] = [await node(1), await node(2, { onMisbehaviour })];
    await dial(a.host, addressOf(b.host));
    const long = await open(a.host, b.host.peerId, PROTOCOL);
    long.write(prefixed(Buffer.concat([enumField(1, 5), field(2, Buffer.alloc(2_000))])));
    await failureOf(long);
    for (let n = 0; n < 40; n += 1) {
      const stream = await open(a.host, b.host.peerId, PROTOCOL);
      stream.on('error', () => {}).end();
    }
    await eventually(() => faults.length > 0);
    expect(new Set(faults)).toEqual(new Set([`${testPeerId(1)} NETWORK.RATE_LIMITED`]));
  });
});

const FIND_NODE = 4;
/** A SHA-256 multihash, which also is a CID. */
const KEY = Buffer.concat([Buffer.of(0x12, 0x20), Buffer.alloc(32, 7)]);

/** A peer as the DHT's messages have it, with one address. */
function peer(n: number, id?: Uint8Array): Buffer {
  const digest = [Buffer.of(0x12, 0x20), Buffer.alloc(28), Buffer.of(0, 0, n >> 8, n & 255)];
  return Buffer.concat([
    field(1, Buffer.from(id ?? Buffer.concat(digest))),
    field(2, Buffer.from([4, 10, 0, n >> 8, n & 255, 6, 0, 1])),
  ]);
}

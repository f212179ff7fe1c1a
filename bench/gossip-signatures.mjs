/**
 * Gossip signatures a second: libp2p's own verification, and native as this node runs it, in turn within each round.
 * Then a neighbour floods a node with 5,000 valid messages of made-up authors: the longest time that holds the event loop,
 * with its allowance and without.
 * `npm run bench:gossip -- [--rounds 5] [--json]`
 */
import { createHash, randomBytes } from 'node:crypto';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { generateKeyPair } from '@libp2p/crypto/keys';
import { RPC } from '@libp2p/gossipsub/message';
import secp256k1 from 'secp256k1';
import { ensureBuilt, ensureInstalled } from '../scripts/prepare.mjs';

const { values } = parseArgs({
  options: { json: { type: 'boolean', default: false }, rounds: { type: 'string', default: '5' } },
});
const rounds = Number(values.rounds);
const MESSAGE_BYTES = 200;
const median = (numbers) => numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)];

ensureInstalled();
ensureBuilt();
await import('../dist/polyfill.js');
const { useNativeSignatures } = await import('../dist/modules/network/adapters/libp2p/native-signatures.js');

const privateKey = await generateKeyPair('secp256k1');
const { publicKey } = privateKey;
const message = Buffer.alloc(MESSAGE_BYTES, 7);
const signature = await privateKey.sign(message);
const library = Object.getPrototypeOf(publicKey).verify;
if (!useNativeSignatures()) throw new Error('there is no native secp256k1 here');
const native = Object.getPrototypeOf(publicKey).verify;

function perSecond(verify, count) {
  const startedAt = performance.now();
  for (let i = 0; i < count; i++)
    if (!verify.call(publicKey, message, signature)) throw new Error('a valid signature was refused');
  return count / ((performance.now() - startedAt) / 1_000);
}

const rates = { library: [], native: [] };
for (let round = 0; round <= rounds; round++) {
  rates.library.push(perSecond(library, 300));
  rates.native.push(perSecond(native, 6_000));
}
// The first round is cold.
const warm = { library: rates.library.slice(1), native: rates.native.slice(1) };
const result = {
  library: Math.round(median(warm.library)),
  native: Math.round(median(warm.native)),
  ratio: Number((median(warm.native) / median(warm.library)).toFixed(1)),
};

const { createLibp2pNode } = await import('../dist/modules/network/adapters/libp2p/libp2p-node.js');
const { networkConfigSchema } = await import('../dist/modules/network/network.config.js');
const { createNetworkMetrics } = await import('../dist/modules/network/network.metrics.js');
const { ResourceLedger } = await import('../dist/modules/network/limits/resource-ledger.js');
const { SystemClock } = await import('../dist/common/clock.js');
const { SilentLogger } = await import('../dist/common/logger.port.js');
const { NoMetrics } = await import('../dist/common/metrics.port.js');

const TOPIC = 'syncer/status/0.1';

/** An RPC of valid messages, each by an author of its own, as it stands on the wire. */
function floodRpc(messageCount) {
  const messages = Array.from({ length: messageCount }, () => {
    const key = randomBytes(32);
    const from = Buffer.concat([Buffer.from('002508021221', 'hex'), secp256k1.publicKeyCreate(key)]);
    const unsigned = { from, data: randomBytes(100), seqno: randomBytes(8), topic: TOPIC };
    const digest = createHash('sha256')
      .update('libp2p-pubsub:')
      .update(RPC.Message.encode(unsigned))
      .digest();
    return { ...unsigned, signature: secp256k1.signatureExport(secp256k1.ecdsaSign(digest, key).signature) };
  });
  const rpc = RPC.encode({ subscriptions: [], messages });
  const length = [];
  let rest = rpc.length;
  for (; rest >= 128; rest >>= 7) length.push((rest & 127) | 128);
  return Buffer.concat([Buffer.from([...length, rest]), rpc]);
}

async function flooded(gossip) {
  const dropped = { count: 0 };
  const countDropped = (_topic, reason) => {
    if (reason === 'neighbour-rate' || reason === 'total-rate') dropped.count += 1;
  };
  const start = async () => {
    const config = networkConfigSchema.parse({ listenPort: 0, peerStore: 'memory', gossip });
    const node = await createLibp2pNode({
      config,
      setup: {
        chainId: 100,
        genesisHash: () => undefined,
        bootnodes: undefined,
        networkKey: randomBytes(32),
      },
      clock: new SystemClock(),
      log: new SilentLogger(),
      metrics: { ...createNetworkMetrics(new NoMetrics()), gossipDropped: countDropped },
      ledger: new ResourceLedger({ limits: config.limits, onRefused: () => {} }),
      agent: 'bench',
      isRefused: () => false,
      onMisbehaviour: () => {},
    });
    await node.libp2p.start();
    return node;
  };
  const [ours, neighbour] = [await start(), await start()];
  ours.gossip.subscribe(TOPIC);
  const heard = { count: 0 };
  ours.gossip.topicValidators.set(TOPIC, () => {
    heard.count += 1;
    return 'ignore';
  });
  const [place] = String(ours.libp2p.getMultiaddrs()[0]).split('/p2p/');
  const id = ours.libp2p.peerId.toString();
  // Else the neighbour's library would open a stream of its own, which replaces the flooded one.
  neighbour.gossip.createOutboundStream = async () => {};
  const connection = await neighbour.dial(place, id, new AbortController().signal);
  const stream = await connection.newStream('/meshsub/1.1.0');
  const rpcs = Array.from({ length: 10 }, () => floodRpc(500));
  await pause(500);
  const delay = monitorEventLoopDelay({ resolution: 5 });
  delay.enable();
  await pause(50);
  for (const rpc of rpcs) stream.send(rpc);
  for (let last = -1; last !== heard.count + dropped.count; await pause(500))
    last = heard.count + dropped.count;
  delay.disable();
  await Promise.all([ours.libp2p.stop(), neighbour.libp2p.stop()]);
  return { heard: heard.count, dropped: dropped.count, longestStallMs: Math.round(delay.max / 1e6) };
}

const unlimited = {
  messagesPerSecond: 1_000_000,
  burst: 1_000_000,
  totalMessagesPerSecond: 1_000_000,
  totalBurst: 1_000_000,
};
const flood = { limited: await flooded({}), unlimited: await flooded(unlimited) };

if (values.json)
  console.log(JSON.stringify({ node: process.version, rounds, ...result, flood }, undefined, 2));
else {
  console.log(
    `verifications/s: libp2p's own ${result.library}, native ${result.native}, ratio ${result.ratio}`,
  );
  for (const [name, { heard, dropped, longestStallMs }] of Object.entries(flood))
    console.log(`flood, ${name}: verified ${heard}, dropped ${dropped}, longest stall ${longestStallMs} ms`);
}

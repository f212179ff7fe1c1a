import { createRequire } from 'node:module';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { generateKeyPair, privateKeyFromRaw, publicKeyToProtobuf } from '@libp2p/crypto/keys';
import { RPC } from '@libp2p/gossipsub/message';
import type { Secp256k1PublicKey } from '@libp2p/interface';
import secp256k1 from 'secp256k1';
import { eventually, settled } from '../../../../../test/support/eventually.js';
import { AttackedNode, TOPIC } from '../../../../../test/support/gossip-attacker.js';
import { testNetworkKey, testPeerId } from '../../../../../test/support/peer-ids.js';
import { aSignedMessage } from '../../../../../test/support/signed-gossip.js';

/** Where every native check of a signature passes. */
const native = createRequire(import.meta.url)('secp256k1/bindings.js') as typeof secp256k1;
/** What all secp256k1 keys of libp2p share. */
const library: { verify: Secp256k1PublicKey['verify'] } = Object.getPrototypeOf(
  privateKeyFromRaw(testNetworkKey(1)).publicKey,
);

describe('gossip from a hostile neighbour', () => {
  const cleanups: (() => unknown)[] = [];
  afterEach(async () => {
    for (const cleanup of cleanups.splice(0)) await cleanup();
  });

  async function attacked() {
    const ours = new AttackedNode();
    cleanups.push(() => ours.stop());
    await ours.start();
    const attacker = await ours.neighbour();
    const verify = jest.spyOn(native, 'ecdsaVerify');
    const byLibrary = jest.spyOn(library, 'verify');
    cleanups.push(
      () => verify.mockRestore(),
      () => byLibrary.mockRestore(),
    );
    // Both nodes also verify each other's peer records.
    const ofNodes = [1, 2].map((n) => Buffer.from(secp256k1.publicKeyCreate(testNetworkKey(n))));
    const verified = () =>
      verify.mock.calls.filter(([, , key]) => !ofNodes.some((ofNode) => ofNode.equals(key))).length;
    const { heard, drops, reports } = ours;
    const send = (messages: RPC.Message[]) => {
      for (let at = 0; at < messages.length; at += 500)
        attacker.send({ messages: messages.slice(at, at + 500) });
    };
    return { ours, heard, drops, reports, send, verified, byLibrary };
  }

  const keyOf = (n: number) => publicKeyToProtobuf(privateKeyFromRaw(testNetworkKey(n)).publicKey);
  const signed = (n: number, fields: Partial<RPC.Message> = {}) => ({
    ...aSignedMessage({ privateKey: testNetworkKey(9), sequenceNumber: n, topic: TOPIC }),
    ...fields,
  });
  const byOther = aSignedMessage({ privateKey: testNetworkKey(8), sequenceNumber: 1, topic: TOPIC });

  it.each([
    { name: 'of another message', forged: { data: Buffer.from('changed') } },
    { name: 'cut short', forged: { signature: signed(1).signature?.subarray(0, -1) } },
    { name: 'that is none', forged: { signature: Buffer.alloc(70, 0x30) } },
    { name: 'that is absent', forged: { signature: undefined } },
    { name: 'by another key', forged: { signature: byOther.signature } },
    {
      name: 'with the key that made it, not the author’s',
      forged: { signature: byOther.signature, key: keyOf(8) },
    },
    { name: 'with a key that is none', forged: { key: Buffer.from('key') } },
  ])('hears no author with a signature $name, and tells who forwarded it', async ({ forged }) => {
    const { heard, send, reports, drops, ours } = await attacked();
    send([signed(1, forged as Partial<RPC.Message>), signed(2)]);
    await eventually(() => heard.length > 0 && ours.score() < 0);
    expect(await settled(() => heard.length)).toBe(1);
    expect(heard).toMatchObject([{ topic: TOPIC, from: testPeerId(9), receivedFrom: testPeerId(2) }]);
    expect(reports).toMatchObject([{ peerId: testPeerId(2), error: { code: 'NETWORK.GOSSIP_ABUSE' } }]);
    expect([...drops]).toEqual([[`${TOPIC}: bad-signature`, 1]]);
  });

  it.each([
    { name: 'a short sequence number', sent: { seqno: Buffer.alloc(7) } },
    { name: 'no sequence number', sent: { seqno: undefined } },
    { name: 'no author', sent: { from: undefined } },
    { name: 'an author whose ID does not hold the key', sent: { from: Buffer.alloc(34, 0x12) } },
    { name: 'a huge key', sent: { key: Buffer.alloc(100_000) } },
    {
      name: 'something behind its signature',
      sent: { signature: Buffer.concat([signed(1).signature ?? Buffer.alloc(0), Buffer.alloc(1)]) },
    },
  ])('verifies no message with $name, and blames nobody', async ({ sent }) => {
    const { heard, send, reports, drops, ours, verified } = await attacked();
    send([signed(1, sent as Partial<RPC.Message>), signed(2)]);
    await eventually(() => heard.length > 0);
    await settled(() => heard.length);
    expect([...drops]).toEqual([[`${TOPIC}: unsupported`, 1]]);
    expect({ heard: heard.length, verified: verified(), score: ours.score(), reports }).toEqual({
      heard: 1,
      verified: 1,
      score: 0,
      reports: [],
    });
  });

  it('hears authors with and without their key in the message, verified in native code', async () => {
    const { heard, send, ours, verified, byLibrary } = await attacked();
    send([signed(1), signed(2, { key: keyOf(9) })]);
    await eventually(() => heard.length === 2);
    const byKeys = byLibrary.mock.calls.filter(([data]) => data instanceof Uint8Array && data[0] === 0x6c);
    expect({ score: ours.score(), verified: verified(), byKeys: byKeys.length }).toEqual({
      score: 0,
      verified: 2,
      byKeys: 0,
    });
  });

  it('hears authors with Ed25519 keys, which the library verifies, and forgeries of them not', async () => {
    const { heard, send, drops, ours } = await attacked();
    const author = await generateKeyPair('Ed25519');
    const from = author.publicKey.toMultihash().bytes;
    const unsigned = { from, data: Buffer.from('x'), seqno: Buffer.alloc(8), topic: TOPIC };
    const bytes = Buffer.concat([Buffer.from('libp2p-pubsub:'), RPC.Message.encode(unsigned)]);
    const signature = await author.sign(bytes);
    send([
      { ...unsigned, data: Buffer.from('y'), signature },
      { ...unsigned, signature },
      { ...unsigned, signature },
    ]);
    await eventually(() => heard.length === 1 && ours.score() < 0);
    expect(heard).toMatchObject([{ from: author.publicKey.toString(), data: Buffer.from('x') }]);
    expect([...drops]).toEqual([[`${TOPIC}: bad-signature`, 1]]);
  });

  it('hears authors whose signature is in the upper half, as Go peers do', async () => {
    const { heard, send, reports } = await attacked();
    const raw = secp256k1.signatureImport(signed(1).signature ?? Buffer.alloc(0));
    const order = 2n ** 256n - 0x14551231950b75fc4402da1732fc9bebfn;
    const upper = order - BigInt(`0x${Buffer.from(raw.subarray(32)).toString('hex')}`);
    raw.set(Buffer.from(upper.toString(16).padStart(64, '0'), 'hex'), 32);
    send([signed(1, { signature: secp256k1.signatureExport(raw) })]);
    await eventually(() => heard.length === 1);
    expect(reports).toEqual([]);
  });

  it('verifies a message once, however often it comes; a forgery before it does not keep it out', async () => {
    const { heard, send, verified } = await attacked();
    send([signed(1, { data: Buffer.from('changed') }), signed(1)]);
    await eventually(() => heard.length === 1);
    send([signed(1), signed(1), signed(2)]);
    await eventually(() => heard.length === 2);
    expect(verified()).toBe(3);
  });

  it('verifies no more than the burst of a flood of valid messages, and prunes the neighbour', async () => {
    const { heard, send, verified, drops, ours, reports } = await attacked();
    const flood = Array.from({ length: 5_000 }, (_, n) => {
      return aSignedMessage({ privateKey: testNetworkKey(100 + n), sequenceNumber: n, topic: TOPIC });
    });
    send(flood);
    await eventually(() => drops.get(`${TOPIC}: neighbour-rate`) === 4_600, {
      describe: () => JSON.stringify([...drops, heard.length]),
    });
    expect([verified(), heard.length]).toEqual([400, 400]);
    // Not expelled: an honest Go neighbour relays what others flood. Still heard, but out of the mesh.
    const { behaviourPenalty } = ours.router.score.peerStats.get(testPeerId(2)) ?? {};
    expect(behaviourPenalty).toBeGreaterThan(6);
    expect(behaviourPenalty).toBeLessThan(6.92);
    ours.clock.advance(1_000);
    send([signed(1)]);
    await eventually(() => heard.length === 401);
    // It was never in the mesh, where one that floods belongs still less: 46 parts of a hundred.
    expect(reports.length).toBeLessThanOrEqual(5);
  });

  it('leaves a neighbour alone that relays 50 messages a second', async () => {
    const { heard, send, drops, ours, reports } = await attacked();
    for (let second = 1; second <= 12; second += 1) {
      send(Array.from({ length: 50 }, (_, n) => signed(second * 50 + n)));
      await eventually(() => heard.length === second * 50);
      ours.clock.advance(1_000);
    }
    expect({ drops: [...drops], score: ours.score(), reports }).toEqual({ drops: [], score: 0, reports: [] });
  });
});

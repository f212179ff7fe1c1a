import { afterEach, describe, expect, it } from '@jest/globals';
import { privateKeyFromRaw, publicKeyFromProtobuf, publicKeyToProtobuf } from '@libp2p/crypto/keys';
import type { Secp256k1PublicKey } from '@libp2p/interface';
import { peerIdFromMultihash } from '@libp2p/peer-id';
import { secp256k1 } from '@noble/curves/secp256k1.js';
import fc from 'fast-check';
import { testNetworkKey } from '../../../../../test/support/peer-ids.js';
import { useNativeSignatures } from './native-signatures.js';

const privateKey = privateKeyFromRaw(testNetworkKey(7));
const publicKey = privateKey.publicKey as Secp256k1PublicKey;
const message = Buffer.from('a message');
const signature = Buffer.from((await privateKey.sign(message)) as Uint8Array);
const prototype: { verify: Secp256k1PublicKey['verify'] } = Object.getPrototypeOf(publicKey);
const original = prototype.verify;

const der = (r: bigint, s: bigint) => Buffer.from(new secp256k1.Signature(r, s).toBytes('der'));
const { r, s } = secp256k1.Signature.fromBytes(signature, 'der');
const ORDER = secp256k1.Point.CURVE().n;

/** What the library says; an error is a refusal. */
function originally(data: Uint8Array, sig: Uint8Array): boolean {
  try {
    return original.call(publicKey, data, sig) as boolean;
  } catch {
    return false;
  }
}

describe(useNativeSignatures.name, () => {
  afterEach(() => {
    prototype.verify = original;
  });

  it('reaches the keys of peers, of messages and our own', async () => {
    expect(useNativeSignatures()).toBe(true);
    expect(prototype.verify).not.toBe(original);
    const ofMessage = publicKeyFromProtobuf(publicKeyToProtobuf(publicKey));
    const ofPeer = peerIdFromMultihash(publicKey.toMultihash()).publicKey;
    for (const key of [ofMessage, ofPeer, publicKey]) {
      expect(key?.verify).toBe(prototype.verify);
      expect(await key?.verify(message, signature)).toBe(true);
    }
  });

  it('leaves the library as it is where there is no native code', () => {
    const used = useNativeSignatures(() => {
      throw new Error('not built');
    });
    expect(used).toBe(false);
    expect(prototype.verify).toBe(original);
  });

  it.each([
    { name: 'the signature', sig: signature, accepted: true },
    { name: 'another key', sig: Buffer.from(secp256k1.sign(message, testNetworkKey(8), { format: 'der' })) },
    { name: 'nothing', sig: Buffer.alloc(0) },
    { name: 'r‖s as they are', sig: Buffer.from(secp256k1.Signature.fromBytes(signature, 'der').toBytes()) },
    { name: 'one byte short', sig: signature.subarray(0, -1) },
    { name: 'one byte more', sig: Buffer.concat([signature, Buffer.alloc(1)]) },
    { name: 'zeros', sig: Buffer.from('3006020100020100', 'hex') },
    { name: 'numbers without bytes', sig: Buffer.from('300402000200', 'hex') },
    { name: 'a negative number', sig: Buffer.from('3006020181020101', 'hex') },
    { name: 'a needless zero in front', sig: Buffer.from('300702020001020101', 'hex') },
    { name: 'a length in long form', sig: Buffer.from('308106020101020101', 'hex') },
    { name: 'r of the order', sig: Buffer.from(`30260221${`00${ORDER.toString(16)}`}020101`, 'hex') },
  ])('answers as the library: $name', ({ sig, accepted = false }) => {
    useNativeSignatures();
    expect(originally(message, sig)).toBe(accepted);
    expect(publicKey.verify(message, sig)).toBe(accepted);
  });

  it('takes s in the upper half, as Go peers do and the library does not', () => {
    useNativeSignatures();
    const upper = der(r, ORDER - s);
    expect(originally(message, upper)).toBe(false);
    expect(publicKey.verify(message, upper)).toBe(true);
    expect(publicKey.verify(Buffer.from('another message'), upper)).toBe(false);
  });

  it('answers as the library to a signature or message with bytes changed', () => {
    useNativeSignatures();
    const byte = fc.nat({ max: 255 });
    const change = fc.record({ at: fc.nat({ max: 80 }), value: byte, inMessage: fc.boolean() });
    fc.assert(
      fc.property(fc.array(change, { maxLength: 2 }), (changes) => {
        const [data, sig] = [Buffer.from(message), Buffer.from(signature)];
        for (const { at, value, inMessage } of changes) {
          const bytes = inMessage ? data : sig;
          bytes[at % bytes.length] = value;
        }
        expect(publicKey.verify(data, sig)).toBe(originally(data, sig));
      }),
      { numRuns: 200 },
    );
  });

  it('takes a message in parts, and stops when told to', () => {
    useNativeSignatures();
    const parts = [message.subarray(0, 3), message.subarray(3)] as unknown as Uint8Array;
    expect(publicKey.verify(parts, signature)).toBe(true);
    expect(() => publicKey.verify(message, signature, { signal: AbortSignal.abort() })).toThrow();
  });
});

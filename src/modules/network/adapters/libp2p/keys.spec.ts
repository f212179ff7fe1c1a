import { createPublicKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { publicKeyFromProtobuf } from '@libp2p/crypto/keys';
import { TEST_PEER_IDS, testNetworkKey } from '../../../../../test/support/peer-ids.js';
import { enumField, field } from '../../../../../test/support/protobuf-bytes.js';
import { fromHex } from '../../../../common/bytes.js';
import { peerIdOfKey } from './keys.js';

const fixture = (name: string) =>
  readFileSync(new URL(`../../../../../test/fixtures/secrets/${name}`, import.meta.url), 'utf8');
const bytesOf = (hex: string) => fromHex(hex.trim()) ?? new Uint8Array();
const thrownBy = (work: () => unknown): unknown => {
  try {
    work();
  } catch (error) {
    return error;
  }
  return undefined;
};

describe('network keys', () => {
  it('give the peer ID that the Go client printed for its own key file', () => {
    const protobuf = bytesOf(fixture('libp2p.key'));
    const [{ node_id }] = JSON.parse(fixture('identity.json'));
    // Behind `08021220`, the head of the protobuf.
    expect(peerIdOfKey(protobuf.subarray(4))).toBe(node_id);
  });

  it('give the peer IDs that tests use', () => {
    expect(TEST_PEER_IDS.map((_, index) => peerIdOfKey(testNetworkKey(index + 1)))).toEqual(TEST_PEER_IDS);
  });

  it.each([
    ['too short', new Uint8Array(31).fill(1)],
    ['too long', new Uint8Array(64).fill(1)],
    ['zero', new Uint8Array(32)],
    ['beyond the curve', new Uint8Array(32).fill(255)],
  ])('are refused when %s', (_name, key) => {
    expect(thrownBy(() => peerIdOfKey(key))).toMatchObject({ code: 'NETWORK.SETUP_INVALID' });
  });
});

/** Noise takes the key of whoever connects from this function, before it looks at the signature. */
describe('RSA keys of peers', () => {
  const keyOf = (bits: number) => {
    const n = Buffer.alloc(bits / 8, 255).toString('base64url');
    const key = createPublicKey({ key: { kty: 'RSA', n, e: 'AQAB' }, format: 'jwk' });
    return Buffer.concat([enumField(1, 0), field(2, key.export({ type: 'spki', format: 'der' }))]);
  };

  it.each([2_048, 4_096, 8_184])('of %i bits are taken', (bits) => {
    expect(publicKeyFromProtobuf(keyOf(bits)).type).toBe('RSA');
  });

  it.each([8_200, 16_384, 65_536])('of %i bits are refused unseen', (bits) => {
    expect(thrownBy(() => publicKeyFromProtobuf(keyOf(bits)))).toMatchObject({
      name: 'InvalidPublicKeyError',
    });
  });
});

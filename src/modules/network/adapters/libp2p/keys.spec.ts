import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { generateKeyPair, privateKeyToProtobuf } from '@libp2p/crypto/keys';
import { TEST_PEER_IDS, testNetworkKey } from '../../../../../test/support/peer-ids.js';
import { fromHex } from '../../../../common/bytes.js';
import { networkKeyFromProtobuf, networkKeyToProtobuf, peerIdOfKey } from './keys.js';

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
    expect(peerIdOfKey(networkKeyFromProtobuf(protobuf))).toBe(node_id);
  });

  it('go back to the bytes of the file', () => {
    const protobuf = bytesOf(fixture('libp2p.key'));
    expect(Buffer.from(networkKeyToProtobuf(networkKeyFromProtobuf(protobuf)))).toEqual(
      Buffer.from(protobuf),
    );
    expect(Buffer.from(networkKeyToProtobuf(testNetworkKey(1))).toString('hex')).toBe(
      `08021220${'0'.repeat(63)}1`,
    );
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
    expect(thrownBy(() => networkKeyToProtobuf(key))).toMatchObject({ code: 'NETWORK.SETUP_INVALID' });
  });

  it.each([
    ['nothing', new Uint8Array()],
    ['no protobuf', Buffer.from('ffffffff', 'hex')],
    ['a cut protobuf', Buffer.from('08021220aabb', 'hex')],
    ['a key of 31 bytes', Buffer.concat([Buffer.from('0802121f', 'hex'), Buffer.alloc(31, 1)])],
  ])('are not read from %s', (_name, protobuf) => {
    expect(thrownBy(() => networkKeyFromProtobuf(protobuf))).toMatchObject({ code: 'NETWORK.SETUP_INVALID' });
  });

  it.each(['Ed25519', 'ECDSA'] as const)('of type %s are named in the refusal', async (type) => {
    const protobuf = privateKeyToProtobuf(await generateKeyPair(type));
    expect(thrownBy(() => networkKeyFromProtobuf(protobuf))).toMatchObject({
      code: 'NETWORK.SETUP_INVALID',
      detail: { reason: expect.stringContaining(type) },
    });
  });
});

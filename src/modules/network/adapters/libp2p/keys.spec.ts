import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { TEST_PEER_IDS, testNetworkKey } from '../../../../../test/support/peer-ids.js';
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

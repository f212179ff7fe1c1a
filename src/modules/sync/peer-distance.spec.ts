import { describe, expect, it } from '@jest/globals';
import { peerId } from '../../../test/support/fake-network.js';
import { peerDistance } from './peer-distance.js';

describe(peerDistance.name, () => {
  // Base58 of the bytes of "a" and "b", whose SHA-256 are well known.
  const a = peerId('2g');
  const b = peerId('2h');
  const hashOfA = 0xca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bbn;
  const hashOfB = 0x3e23e8160039594a33894f6564e1b1348bbd7a0088d42c4acb73eeaed59c009dn;

  it('is the XOR of the hashes of the binary IDs, the same both ways', () => {
    expect(peerDistance(a, b)).toBe(hashOfA ^ hashOfB);
    expect(peerDistance(b, a)).toBe(hashOfA ^ hashOfB);
    expect(peerDistance(a, a)).toBe(0n);
  });
});

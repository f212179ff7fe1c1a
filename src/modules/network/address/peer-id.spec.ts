import { describe, expect, it } from '@jest/globals';
import { NetworkError } from '../network.errors.js';
import type { PeerId } from '../ports/types.js';
import { parsePeerId, peerIdBytes, peerIdOf } from './peer-id.js';

const SECP256K1 = '16Uiu2HAm6XocVi7fVj7gB9WUn6euWtRvarz2shhP6jkrf67HfK7b';
const ED25519 = '12D3KooWGC6TvWhfagpX6wvxSmTFPgDzSbnbVHr2Dqf3DQv9gB5T';
const SHA256 = 'QmYyQSo1c1Ym7orWxLYvCrM2EmxFTANf8wXmmE7DWjhx5N';

function refusal(text: string): NetworkError {
  try {
    parsePeerId(text);
  } catch (error) {
    if (error instanceof NetworkError) return error;
  }
  throw new Error(`${text} was not refused`);
}

describe(parsePeerId.name, () => {
  // Texts and results of go-libp2p 0.32 peer.Decode.
  it.each([
    ['secp256k1', SECP256K1, SECP256K1],
    ['Ed25519', ED25519, ED25519],
    ['a hash', SHA256, SHA256],
    [
      'a CID in base32',
      'bafzaajaiaejcbzdibmxyzdjbbehgvizh6g5tikvy47mshdy6gwbruvgwvd24seje',
      '12D3KooWRBy97UB99e3J6hiPesre1MZeuNQvfan4gBziswrRJsNK',
    ],
    [
      'a CID in base36',
      'k51qzi5uqu5dh9ihj4p2v5sl3hxvv27ryx2w0xrsv6jmmqi91t9xp8p9kaipc2',
      '12D3KooWCjhz69LskTZEC5vFWs8eDpHo7kYbGzrC5EjU75BHSmVK',
    ],
  ])('takes %s', (_, text, expected) => {
    expect(parsePeerId(text)).toBe(expected);
  });

  it('takes a CID in base58', () => {
    const cid = `z${peerIdOf(Uint8Array.from([1, 0x72, ...peerIdBytes(parsePeerId(SECP256K1))]))}`;
    expect(parsePeerId(cid)).toBe(SECP256K1);
  });

  it.each([
    ['', 'invalid cid: cid too short'],
    ['n', 'invalid cid: cid too short'],
    ['nope', 'invalid cid: selected encoding not supported'],
    ['b!', 'invalid cid: selected encoding not supported'],
    ['1', 'multihash too short. must be >= 2 bytes'],
    ['10', "input isn't valid multihash"],
    ['Qm', 'length greater than remaining number of bytes in buffer'],
    ['zz', 'invalid cid: invalid cid: expected 1 as the cid version number, got: 57'],
    [`${SECP256K1.slice(0, -1)}O`, "input isn't valid multihash"],
    ['bafyreigdyrzt5sfp7udm7hu76uh7y26nf3efuylqabf3oclgtqy55fbzdi', 'invalid codec 113'],
  ])('refuses %j with the text of the Go client', (text, reason) => {
    expect(refusal(text)).toMatchObject({
      code: 'NETWORK.BAD_PEER_ID',
      message: `failed to parse peer ID: ${reason}`,
    });
  });

  it.each([
    ['a multihash that goes on', `${SECP256K1}1`],
    ['a multihash that holds no key', '16Uiu2'],
    ['a key of a wrong length', peerIdOf(Uint8Array.from([0, 4, 8, 2, 0x12, 0x21]))],
    [
      'a key of an unknown kind',
      peerIdOf(Uint8Array.from([0, 37, 8, 3, 0x12, 0x21, ...new Array<number>(33).fill(1)])),
    ],
    ['a hash of another kind', peerIdOf(Uint8Array.from([0x13, 32, ...new Array<number>(32).fill(1)]))],
  ])('refuses %s', (_, text) => {
    expect(refusal(text).code).toBe('NETWORK.BAD_PEER_ID');
  });

  it('has no bytes for what was never checked and is no base58', () => {
    expect(peerIdBytes('0OIl' as PeerId)).toEqual(new Uint8Array());
  });

  it('does not look at a long text, nor keep it', () => {
    const error = refusal('1'.repeat(1_000_000));
    expect(error.code).toBe('NETWORK.BAD_PEER_ID');
    expect(JSON.stringify(error.detail).length).toBeLessThan(400);
  });
});

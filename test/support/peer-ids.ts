import { peerIdOf } from '../../src/modules/network/address/peer-id.js';
import type { PeerId } from '../../src/modules/network/ports/types.js';

/** Peer IDs of the secp256k1 keys 1, 2, 3 … (see {@link testNetworkKey}); a spec of the libp2p adapter checks them. */
export const TEST_PEER_IDS = [
  '16Uiu2HAm3cuhhRL2msUuLF62KRSfneFDx94RsuouyW25Ho42cFMq',
  '16Uiu2HAm8kegYGp6XeybmZAuNcnLosyjsRwZ44yLgfEuqLqYL9zt',
  '16Uiu2HAmCCQRbp36trRMKRjqhRv1GAD7i1Epty3q2LiutAYCJ1oN',
  '16Uiu2HAmAowhhPoBqzAHDku9VgUyLwpuRuiPNgSRecikRdpy6ERg',
  '16Uiu2HAkxdGqo2m2nDKxPzDTFA1PffivVhgz3Q5tyFeonKSrQaXm',
  '16Uiu2HAmVtCxXjeLGxJGHndHw1xTqmDgZzkakJuneeznNvM3ESG5',
  '16Uiu2HAm1fhUHVvN1bgmoMk8tKcwvvookmM6CB5syhMWWJZAb7dV',
  '16Uiu2HAkxbApXyjgoLJXg3kSAq7U8VLTAHPa7Aw94bymmxLeWjtL',
  '16Uiu2HAmQHeRkhryRnqrQUDeTtWrvCnLtSGPikXFasuM6t8B3RHo',
  '16Uiu2HAmPSb75MHG9WecEQUB8dfPyUaJwpejLGzSwBDFwUCK84C6',
  '16Uiu2HAmLgf7ZqR7NFdSNSLfiNSrkueVKsSuywnZxkkwmXw9xBza',
  '16Uiu2HAmSfCG9smaSmJBX3HvQNa8jaNGHzHLdDMxzUDJN1gKm1iq',
  '16Uiu2HAmUyiopfzsf567DV4kLUtVuGbMKXTABq8kKL5j8nrq1dn7',
  '16Uiu2HAmHcPWGngzB1NzNWpNu1JVzSERkUW2XL6tR2pBnnXmMvEX',
  '16Uiu2HAm9wB2RBHYoAeTimSCVB3jaAjyXks5imAh1LQ5JzAc5q1X',
  '16Uiu2HAmU946oX8kh6YqNo6u3rkvWWnxnUk7WsayQ39cxEtJp9Dj',
] as unknown as readonly PeerId[];

/** @param n From 1. */
export function testPeerId(n: number): PeerId {
  const peerId = TEST_PEER_IDS[n - 1];
  if (peerId === undefined) throw new Error(`there are ${TEST_PEER_IDS.length} test peer IDs, not ${n}`);
  return peerId;
}

/** The key behind {@link testPeerId}: 32 bytes with the value `n`. */
export function testNetworkKey(n: number): Uint8Array {
  const key = Buffer.alloc(32);
  key.writeUInt32BE(n, 28);
  return new Uint8Array(key);
}

/** A valid peer ID without a key for each number from 0 to 65535. */
export function aPeerId(n: number): PeerId {
  const key = [2, ...new Array<number>(30).fill(7), n >> 8, n & 0xff];
  return peerIdOf(Uint8Array.from([0, 37, 8, 2, 0x12, 0x21, ...key]));
}

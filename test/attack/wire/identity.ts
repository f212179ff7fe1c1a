import { createHash, createPublicKey, generatePrimeSync, randomBytes } from 'node:crypto';
import secp256k1 from 'secp256k1';
import { base58Encode } from '../../../src/common/base58.js';
import { bytesField, numberField } from './encoding.js';

/** Who a peer says it is. */
export interface Identity {
  /** As libp2p's protobuf. */
  readonly publicKey: Buffer;
  /** Multihash. */
  readonly id: Buffer;
  /** Base58. */
  readonly peerId: string;
  sign(data: Uint8Array): Buffer;
}

/** An identity as nodes of the network have it. */
export function secp256k1Identity(privateKey: Uint8Array = randomBytes(32)): Identity {
  const publicKey = publicKeyBytes(2, secp256k1.publicKeyCreate(privateKey));
  const id = Buffer.concat([Buffer.from([0, publicKey.length]), publicKey]);
  return {
    publicKey,
    id,
    peerId: base58Encode(id),
    sign: (data) => {
      const { signature } = secp256k1.ecdsaSign(sha256(data), privateKey);
      return Buffer.from(secp256k1.signatureExport(signature));
    },
  };
}

const PRIME_BITS = 512;
const EXPONENT = 65_537n;
/** DigestInfo of SHA-256 before the digest. */
const DIGEST_INFO = Buffer.from('3031300d060960864801650304020105000420', 'hex');

/**
 * An RSA identity of any size with valid signatures. Its modulus has many small primes: that takes a second where two
 * large ones would take minutes, and no verifier can tell.
 */
export function rsaIdentity(bits: number): Identity {
  const primes = Array.from({ length: bits / PRIME_BITS }, () => usablePrime());
  const modulus = primes.reduce((product, prime) => product * prime, 1n);
  const jwk = { kty: 'RSA', n: bytesOf(modulus).toString('base64url'), e: 'AQAB' };
  const der = createPublicKey({ key: jwk, format: 'jwk' }).export({ format: 'der', type: 'spki' });
  const publicKey = publicKeyBytes(0, der);
  const id = Buffer.concat([Buffer.from([0x12, 32]), sha256(publicKey)]);
  return {
    publicKey,
    id,
    peerId: base58Encode(id),
    sign: (data) => rsaSignature(data, primes, modulus),
  };
}

/** PKCS #1 v1.5, put together from the remainders by the Chinese theorem. */
function rsaSignature(data: Uint8Array, primes: readonly bigint[], modulus: bigint): Buffer {
  const length = bytesOf(modulus).length;
  const info = Buffer.concat([DIGEST_INFO, sha256(data)]);
  const padding = Buffer.alloc(length - info.length - 3, 0xff);
  const padded = Buffer.concat([Buffer.from([0, 1]), padding, Buffer.from([0]), info]);
  const message = BigInt(`0x${padded.toString('hex')}`);
  let signature = 0n;
  for (const prime of primes) {
    const others = modulus / prime;
    const part = power(message % prime, inverse(EXPONENT, prime - 1n), prime);
    signature += part * others * inverse(others % prime, prime);
  }
  return bytesOf(signature % modulus, length);
}

/** The top two bits are set, so that products have full length. */
function usablePrime(): bigint {
  for (;;) {
    const prime = generatePrimeSync(PRIME_BITS, { bigint: true });
    if ((prime - 1n) % EXPONENT !== 0n) return prime;
  }
}

function power(base: bigint, exponent: bigint, modulus: bigint): bigint {
  let result = 1n;
  let square = base;
  for (let rest = exponent; rest > 0n; rest >>= 1n) {
    if (rest & 1n) result = (result * square) % modulus;
    square = (square * square) % modulus;
  }
  return result;
}

function inverse(value: bigint, modulus: bigint): bigint {
  let [r, nextR, t, nextT] = [modulus, value % modulus, 0n, 1n];
  while (nextR > 0n) {
    const quotient = r / nextR;
    [r, nextR] = [nextR, r - quotient * nextR];
    [t, nextT] = [nextT, t - quotient * nextT];
  }
  return t < 0n ? t + modulus : t;
}

function bytesOf(value: bigint, length = 0): Buffer {
  const hex = value.toString(16);
  return Buffer.from(hex.padStart(Math.max(2 * length, hex.length + (hex.length % 2)), '0'), 'hex');
}

function publicKeyBytes(type: number, data: Uint8Array): Buffer {
  return Buffer.concat([numberField(1, type), bytesField(2, data)]);
}

function sha256(data: Uint8Array): Buffer {
  return createHash('sha256').update(data).digest();
}

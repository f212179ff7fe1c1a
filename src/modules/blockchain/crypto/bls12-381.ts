import {
  aggregatePublicKeys,
  aggregateSerializedSignatures,
  PublicKey,
  SecretKey,
  Signature,
  type SignatureSet,
  verify,
  verifyMultipleAggregateSignatures,
} from '@chainsafe/blst';
import type { Random } from '../../../common/random.js';
import { type Aggregate, judgeEach } from './aggregate.js';
import { SignerKeys } from './signer-keys.js';

// Public keys in G1, signatures in G2, both compressed; the proof-of-possession suite
// BLS_SIG_BLS12381G2_XMD:SHA-256_SSWU_RO_POP_, the only one that this binding of blst has.
// @see coinbase/kryptology@v1.8.0 pkg/signatures/bls/bls_sig/usual_bls.go NewSigPop
const PUBLIC_KEY_BYTES = 48;
const SIGNATURE_BYTES = 96;
const INFINITY_FLAG = 0x40;

const signerKeys = new SignerKeys<PublicKey>({
  keyBytes: PUBLIC_KEY_BYTES,
  decode: (bytes) => decoded(() => PublicKey.fromBytes(bytes, true)),
  sum: (keys) => {
    const sum = aggregatePublicKeys([...keys]);
    return ((sum.toBytes(true)[0] ?? 0) & INFINITY_FLAG) === 0 ? sum : undefined;
  },
});

/**
 * The compressed public key (48 bytes, a point of G1) of an IBFT BLS secret: 32 bytes, a big-endian scalar.
 * @throws {Error} when the scalar is zero, too large or not of 32 bytes
 * @see polygon-edge@597a0f3 crypto/crypto.go BLSSecretKeyToPubkeyBytes
 */
export function blsPublicKey(secret: Uint8Array): Uint8Array {
  return new Uint8Array(SecretKey.fromBytes(secret).toPublicKey().toBytes(true));
}

/** Whether these bytes are a key that may sign. @see polygon-edge@597a0f3 crypto/crypto.go UnmarshalBLSPublicKey */
export function isBlsPublicKey(bytes: Uint8Array): boolean {
  return signerKeys.key(bytes) !== undefined;
}

/** A new IBFT BLS secret: 32 bytes, a big-endian scalar. */
export function generateBlsSecret(random: Random): Uint8Array {
  return new Uint8Array(SecretKey.fromKeygen(random.bytes(32)).toBytes());
}

/**
 * A signature: 96 bytes, a compressed point of G2.
 * @throws {Error} when the scalar is zero, too large or not of 32 bytes
 * @see polygon-edge@597a0f3 crypto/crypto.go SignByBLS
 */
export function blsSign(secret: Uint8Array, message: Uint8Array): Uint8Array {
  return new Uint8Array(SecretKey.fromBytes(secret).sign(message).toBytes(true));
}

/**
 * The sum of signatures, one at least.
 * @throws {Error} when one is no signature
 * @see polygon-edge@597a0f3 consensus/ibft/signer/bls.go BLSKeyManager.GenerateCommittedSeals
 */
export function blsAggregate(signatures: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(aggregateSerializedSignatures([...signatures], true).toBytes(true));
}

/**
 * Whether the aggregate was made by all of its keys, one at least, over its message. False as well for what is not encoded
 * as it must be, is outside its subgroup, or is infinity: a key, the signature or the sum of the keys. All this is so in the
 * Go client, too.
 * @see polygon-edge@597a0f3 consensus/ibft/signer/bls.go verifyBLSCommittedSealsImpl
 * @see coinbase/kryptology@v1.8.0 pkg/signatures/bls/bls_sig/usual_bls_sig.go PublicKey.verifySignature
 */
export function blsVerifyAggregate(aggregate: Aggregate): boolean {
  return blsVerifyAggregates([aggregate])[0] === true;
}

/**
 * {@link blsVerifyAggregate} for many, at about half the cost each. They are checked together with random coefficients of
 * 64 bits, drawn anew each time (by blst): a bad one passes once in 2^64 tries, and nothing can be tried without us. A batch
 * runs on threads of blst's own, one for each processor, while the caller waits.
 */
export function blsVerifyAggregates(aggregates: readonly Aggregate[]): boolean[] {
  return judgeEach(aggregates.map(decodeSet), (sets) => {
    const [first] = sets;
    return sets.length === 1 && first !== undefined
      ? verify(first.msg, first.pk, first.sig)
      : verifyMultipleAggregateSignatures([...sets]);
  });
}

function decodeSet({ publicKeys, message, signature }: Aggregate): SignatureSet | undefined {
  if (signature.length !== SIGNATURE_BYTES) return undefined;
  const pk = signerKeys.sum(publicKeys);
  const sig = pk && decoded(() => Signature.fromBytes(signature, true, true));
  return pk && sig && { msg: message, pk, sig };
}

/** What `decode` gives, or undefined when blst says that the bytes encode nothing. */
function decoded<T>(decode: () => T): T | undefined {
  try {
    return decode();
  } catch (error) {
    if (isBlstError(error)) return undefined;
    throw error;
  }
}

function isBlstError(error: unknown): boolean {
  // Not by its class: where code runs in contexts of its own, as under jest, the addon's errors are of another.
  return (
    typeof error === 'object' && error !== null && 'code' in error && String(error.code).startsWith('BLST_')
  );
}

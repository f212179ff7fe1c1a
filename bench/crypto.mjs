/**
 * What a signature costs, µs of one core: the best of several rounds, since other work on the machine can only add. Beside
 * it, the same in noble, the JavaScript implementation that the specs compare ours with (keys and hash of the verified ones
 * kept from the first time, as ours keeps keys).
 * `npm run bench:crypto -- [--rounds 7] [--json]`
 */
import { parseArgs } from 'node:util';
import { secp256k1 } from '@noble/curves/secp256k1.js';
import { recoverAddress } from '../src/modules/blockchain/crypto/address.ts';
import * as bls from '../src/modules/blockchain/crypto/bls12-381.ts';
import * as bn254 from '../src/modules/blockchain/crypto/bn254.ts';
import { hashToG1 } from '../src/modules/blockchain/crypto/bn254-hash.ts';
import { keccak256 } from '../src/modules/blockchain/crypto/keccak.ts';
import { signRecoverable } from '../src/modules/blockchain/crypto/secp256k1.ts';
import { blsOracle } from '../test/oracle/bls12-381.ts';
import { bn254Oracle, hashToPoint } from '../test/oracle/bn254.ts';

const { values } = parseArgs({
  options: { json: { type: 'boolean', default: false }, rounds: { type: 'string', default: '7' } },
});
const rounds = Number(values.rounds);
const BATCH = 64;
const SIGNERS = 7;

const startedAt = performance.now();
await bn254.prepareBn254();
const prepareMs = Math.round(performance.now() - startedAt);

const messages = Array.from({ length: BATCH }, (_, index) => keccak256(Uint8Array.of(index)));
const secrets = Array.from({ length: SIGNERS }, (_, index) => new Uint8Array(32).fill(index + 1));
const signedWith = (publicKey, sign, aggregate) =>
  messages.map((message) => ({
    publicKeys: secrets.map(publicKey),
    message,
    signature: aggregate(secrets.map((secret) => sign(secret, message))),
  }));
const domain = bn254.CHECKPOINT_DOMAIN;
const inBls = signedWith(bls.blsPublicKey, bls.blsSign, bls.blsAggregate);
const inBn254 = signedWith(
  bn254.bn254PublicKey,
  (secret, message) => bn254.bn254Sign(secret, message, domain),
  bn254.bn254Aggregate,
);
const seals = messages.map((message) => signRecoverable(message, secrets[0]));
const recoverable = seals.map((seal) => Uint8Array.of(seal[64], ...seal.subarray(0, 64)));
const uncached = () => new Uint8Array(32).map(() => Math.floor(Math.random() * 256));

function expectAll(verdicts) {
  if (!verdicts.every((verdict) => verdict)) throw new Error('a valid signature was refused');
}

/** Name, how many operations a call does, how many calls a round has, and the call. */
const measured = [
  ['keccak256 of 32 bytes', 1, 5_000, () => keccak256(messages[0])],
  ['secp256k1: recover an address', 1, 500, () => recoverAddress(messages[0], seals[0])],
  [
    'secp256k1: recover, noble',
    1,
    20,
    () => secp256k1.recoverPublicKey(recoverable[0], messages[0], { prehash: false }),
  ],
  ['BLS12-381: verify one', 1, 40, () => expectAll([bls.blsVerifyAggregate(inBls[0])])],
  [`BLS12-381: verify in a batch of ${BATCH}`, BATCH, 3, () => expectAll(bls.blsVerifyAggregates(inBls))],
  ['BLS12-381: verify, noble', 1, 3, () => expectAll([blsOracle.verify(inBls[0])])],
  ['BN254: hash to G1', 1, 100, () => hashToG1(uncached(), domain)],
  ['BN254: hash to G1, noble', 1, 10, () => hashToPoint(uncached(), domain)],
  ['BN254: verify one', 1, 20, () => expectAll([bn254.bn254VerifyAggregate(inBn254[0], domain)])],
  [
    `BN254: verify in a batch of ${BATCH}, same signers`,
    BATCH,
    3,
    () => expectAll(bn254.bn254VerifyAggregates(inBn254, domain)),
  ],
  ['BN254: verify, noble', 1, 3, () => expectAll([bn254Oracle.verify(inBn254[0])])],
];

const results = [];
for (const [name, operations, calls, call] of measured) {
  let best = Number.POSITIVE_INFINITY;
  for (let round = 0; round <= rounds; round++) {
    const before = process.cpuUsage();
    for (let index = 0; index < calls; index++) call();
    const { user, system } = process.cpuUsage(before);
    best = Math.min(best, (user + system) / calls / operations);
  }
  results.push({ name, microseconds: Number(best.toFixed(1)) });
}

const of = (name) => results.find((result) => result.name.startsWith(name))?.microseconds;
const ratio = (noble, ours) => Number((of(noble) / of(ours)).toFixed(1));
const ratios = {
  'secp256k1 recover': ratio('secp256k1: recover, noble', 'secp256k1: recover an'),
  'BLS12-381 verify': ratio('BLS12-381: verify, noble', 'BLS12-381: verify one'),
  'BLS12-381 verify, batched': ratio('BLS12-381: verify, noble', 'BLS12-381: verify in'),
  'BN254 hash to G1': ratio('BN254: hash to G1, noble', 'BN254: hash to G1'),
  'BN254 verify': ratio('BN254: verify, noble', 'BN254: verify one'),
  'BN254 verify, batched': ratio('BN254: verify, noble', 'BN254: verify in'),
};

if (values.json)
  console.log(JSON.stringify({ node: process.version, rounds, prepareMs, results, ratios }, undefined, 2));
else {
  for (const { name, microseconds } of results) console.log(`${name}: ${microseconds} µs`);
  console.log(`preparing BN254: ${prepareMs} ms`);
  for (const [name, times] of Object.entries(ratios)) console.log(`noble / ours, ${name}: ${times}`);
}

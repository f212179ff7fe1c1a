import { encodeBytes, encodeList } from '../../../src/modules/blockchain/rlp/rlp.js';
import {
  type PolybftBlockOptions,
  type PolybftChain,
  type PolybftChainOptions,
  type PolybftKey,
  polybftChain,
  validatorsHash,
} from '../chain-builder/index.js';
import { itemAt } from '../verified-chain.js';
import type { Fault } from './fault.js';
import { anomaly, badHeader, badSeal, type Refusal } from './mutation.js';

type Options = PolybftBlockOptions | ((chain: PolybftChain) => PolybftBlockOptions);

const NO_HASH = new Uint8Array(32);
const ABSENT = Uint8Array.of(0xc0);
/** Epochs of three blocks, so that the third, which is the bad one, may change the set. */
const EPOCHS: PolybftChainOptions = { epochSize: 3 };

/** Two good blocks, then one with these options. */
const fault = (name: string, refusal: Refusal, options: Options, of: PolybftChainOptions = {}): Fault => ({
  name,
  refusal,
  build: async () => {
    const chain = (await polybftChain(of)).grow(2);
    chain.seal(typeof options === 'function' ? options(chain) : options);
    return chain;
  },
});

const mutated = (name: string, refusal: Refusal, mutateHeader: PolybftBlockOptions['mutateHeader']) =>
  fault(name, refusal, { ...(mutateHeader && { mutateHeader }) });

const some = (chain: PolybftChain, count: number) => chain.set.slice(0, count);
const signature = (bytes: Uint8Array, bitmap: Uint8Array) =>
  encodeList([encodeBytes(bytes), encodeBytes(bitmap)]);
const beyond = signature(new Uint8Array(64).fill(1), Uint8Array.of(0xff));
const heavier = (key: PolybftKey): PolybftKey => ({ ...key, votingPower: 9n });

const QUORUM = badSeal('polybft.committed-quorum');
const DELTA = badHeader('polybft.delta');

/** Blocks that are sealed by those who hold keys, and break a rule. */
export const POLYBFT_FAULTS: readonly Fault[] = [
  mutated('a nonce', badHeader('polybft.nonce'), (draft) => ({ ...draft, nonce: new Uint8Array(8).fill(1) })),
  mutated('another mixHash', badHeader('polybft.mix-hash'), (draft) => ({ ...draft, mixHash: NO_HASH })),
  mutated('no difficulty', badHeader('polybft.difficulty'), (draft) => ({ ...draft, difficulty: 0n })),
  fault("its parent's time", badHeader('polybft.timestamp'), (chain) => ({
    timestamp: chain.head.header.timestamp,
  })),
  { ...fault('a time that is to come', badHeader('polybft.future'), { timestamp: 31n }), nowMs: 30_999 },
  fault('an epoch that was left out', badHeader('polybft.epoch'), { checkpoint: { epochNumber: 3n } }),
  fault('the epoch before', badHeader('polybft.epoch'), { checkpoint: { epochNumber: 0n } }),
  fault('no current set', badHeader('polybft.set-hashes'), {
    checkpoint: { currentValidatorsHash: NO_HASH },
  }),
  fault('no next set', badHeader('polybft.set-hashes'), { checkpoint: { nextValidatorsHash: NO_HASH } }),
  fault('no checkpoint', badHeader('polybft.checkpoint'), { extra: { checkpoint: ABSENT } }),
  fault('no committed signature', badSeal('polybft.committed-missing'), { extra: { committed: ABSENT } }),
  fault('three of five commit', QUORUM, (chain) => ({ signers: some(chain, 3) })),
  fault('four of six commit', QUORUM, (chain) => ({ signers: some(chain, 4) }), {
    validators: [1n, 1n, 1n, 1n, 1n, 1n],
  }),
  fault('three of six commit, before the new quorum', QUORUM, (chain) => ({ signers: some(chain, 3) }), {
    validators: [1n, 1n, 1n, 1n, 1n, 1n],
    forks: { london: 0 },
  }),
  fault('many commit who have little power', QUORUM, (chain) => ({ signers: chain.set.slice(1) }), {
    validators: [9n, 1n, 1n, 1n, 1n],
  }),
  fault('nobody commits', QUORUM, { extra: { committed: signature(new Uint8Array(), new Uint8Array()) } }),
  fault('one commits with a key that is not its own', badSeal('polybft.committed-aggregate'), (chain) => ({
    signers: chain.set.map((key, at) => (at === 2 ? { ...key, secret: chain.newKey().secret } : key)),
  })),
  fault('signers beyond the set', badSeal('polybft.committed-bitmap'), { extra: { committed: beyond } }),
  fault('no parent signature', badSeal('polybft.parent-missing'), { parentSignature: ABSENT }),
  fault('a parent signature of three of five', badSeal('polybft.parent-quorum'), (chain) => ({
    parentSignature: some(chain, 3),
  })),
  fault('a parent signature beyond the set', badSeal('polybft.parent-bitmap'), { parentSignature: beyond }),
  fault('a parent signature by an impostor', badSeal('polybft.parent-aggregate'), (chain) => ({
    parentSignature: chain.set.map((key, at) => (at === 2 ? { ...key, secret: chain.newKey().secret } : key)),
  })),
  fault('a parent signature that is none', badSeal('polybft.parent-aggregate'), {
    parentSignature: signature(new Uint8Array(64).fill(1), Uint8Array.of(0x1f)),
  }),
  fault('a validator added who is in', DELTA, (chain) => ({ delta: { added: some(chain, 1) } }), EPOCHS),
  fault('a stranger changed', DELTA, (chain) => ({ delta: { updated: [chain.newKey()] } }), EPOCHS),
  fault(
    'a validator added with a key that is none',
    DELTA,
    (chain) => ({
      delta: { added: [{ ...chain.newKey(), blsKey: new Uint8Array(128).fill(1) }] },
    }),
    EPOCHS,
  ),
  fault(
    'a validator removed and added at once',
    DELTA,
    (chain) => ({
      delta: { added: some(chain, 1), removed: [0] },
    }),
    EPOCHS,
  ),
  fault('the hash of another current set', anomaly('polybft.current-set-hash'), (chain) => ({
    checkpoint: { currentValidatorsHash: validatorsHash(some(chain, 4)) },
  })),
  fault('the hash of another next set', anomaly('polybft.next-set-hash'), (chain) => ({
    checkpoint: { nextValidatorsHash: validatorsHash(some(chain, 4)) },
  })),
  fault(
    'a change of the set without its hash',
    anomaly('polybft.next-set-hash'),
    (chain) => ({
      delta: { removed: [0] },
      checkpoint: { nextValidatorsHash: validatorsHash(chain.set) },
    }),
    EPOCHS,
  ),
  fault('a miner who is a stranger', anomaly('polybft.miner'), (chain) => ({ proposer: chain.newKey() })),
  fault('a base fee that is 1 more', anomaly('polybft.base-fee'), (chain) => ({
    baseFee: chain.nextBaseFee() + 1n,
  })),
  fault('no base fee', anomaly('polybft.base-fee'), { baseFee: 0n }),
  {
    name: 'a set that changed inside an epoch',
    refusal: anomaly('polybft.delta-place'),
    build: changedInsideEpoch,
  },
  {
    name: 'the signature of the set before the change',
    refusal: badSeal('polybft.committed-aggregate'),
    build: async () => {
      const chain = (await polybftChain(EPOCHS)).grow(2);
      const before = chain.set;
      chain.seal({ delta: { removed: [0], added: [chain.newKey()] } });
      const signers = before
        .slice(0, 5)
        .map((key, at) => ({ ...key, address: itemAt(chain.set, at).address }));
      chain.seal({ signers });
      return chain;
    },
  },
];

/** Block 2 gives a validator more power, block 3 is of the same epoch. */
async function changedInsideEpoch(): Promise<PolybftChain> {
  const chain = (await polybftChain()).grow(1);
  const [first, ...others] = chain.set as [PolybftKey, ...PolybftKey[]];
  const after = [heavier(first), ...others];
  chain.seal({
    delta: { updated: [heavier(first)] },
    checkpoint: { nextValidatorsHash: validatorsHash(after) },
  });
  const hash = validatorsHash(after);
  chain.seal({ checkpoint: { currentValidatorsHash: hash, nextValidatorsHash: hash } });
  return chain;
}

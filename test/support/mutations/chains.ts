import {
  type BuiltChain,
  devChain,
  ibftChain,
  polybftChain,
  testKeys,
  transfers,
} from '../chain-builder/index.js';
import type { Network } from '../fixtures.js';
import { VerifiedChain } from '../verified-chain.js';
import { Target } from './mutation.js';

/** Heights that differ from one another: beginnings, transactions, votes, sets that change, rounds, ends of epochs. */
const RECORDED: Partial<Record<Network, readonly number[]>> = {
  'ibft-ecdsa': [1, 25, 30, 35, 65, 70],
  'ibft-bls': [2, 114, 118, 120, 165],
  'ibft-poa-rounds': [514, 527],
  'ibft-pos': [1, 20, 32],
  'ibft-switch': [43, 44, 45, 69],
  polybft: [2, 46, 50, 51, 60],
};

/** Blocks of all recorded networks, and of chains that nobody recorded. */
export async function mutatedChains(): Promise<Target[]> {
  const targets: Target[] = [];
  for (const [network, heights] of Object.entries(RECORDED)) {
    const chain = await VerifiedChain.recorded(network as Network);
    targets.push(...heights.map((number) => new Target(chain, number)));
  }
  for (const { name, chain, heights } of await builtChains()) {
    const verified = await VerifiedChain.built(name, chain);
    targets.push(...heights.map((number) => new Target(verified, number)));
  }
  return targets;
}

interface BuiltTargets {
  readonly name: string;
  readonly chain: BuiltChain;
  readonly heights: readonly number[];
}

async function builtChains(): Promise<readonly BuiltTargets[]> {
  const seven = ibftChain({ validators: 7, epochSize: 10 }).grow(1);
  seven.seal({ vote: { candidate: seven.newKey(), authorize: true } });
  seven.seal({ transactions: transfers(3), round: 2, signers: 5, parentSeals: 'subset' });
  seven.seal({ round: 'none', parentSeals: 'empty' });

  const bls = ibftChain({ validators: 6, type: 'bls' }).grow(1);
  bls.seal({ transactions: transfers(2), signers: 5, vote: { candidate: bls.newKey(), authorize: true } });

  const keys = testKeys(5);
  const switched = ibftChain({
    epochSize: 5,
    validators: keys.slice(0, 4),
    forks: [
      { from: 0, to: 4 },
      { from: 5, validatorType: 'bls', validators: keys },
    ],
  });
  const poly = await polybftChain({ epochSize: 3, validators: [3n, 1n, 1n, 2n, 1n] });
  poly.grow(2);
  poly.seal({ delta: { added: [poly.newKey()], removed: [1] } });
  poly.seal({ transactions: transfers(2, { chainId: 7_333 }) });
  return [
    { name: 'built ECDSA', chain: seven.grow(2), heights: [2, 3, 4] },
    { name: 'built BLS', chain: bls.grow(2), heights: [1, 2, 3] },
    { name: 'built switch', chain: switched.grow(7), heights: [4, 5, 6] },
    { name: 'built PolyBFT', chain: poly.grow(2), heights: [1, 3, 4] },
    { name: 'built dev', chain: devWithTransactions(), heights: [1, 2, 3] },
  ];
}

function devWithTransactions(): BuiltChain {
  const dev = devChain().grow(1);
  dev.seal({ transactions: transfers(3, { chainId: 7_332 }) });
  return dev.grow(3);
}

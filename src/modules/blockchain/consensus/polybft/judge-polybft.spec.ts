import { describe, expect, it } from '@jest/globals';
import {
  type PolybftChain,
  type PolybftChainOptions,
  type PolybftKey,
  polybftChain,
} from '../../../../../test/support/chain-builder/index.js';
import { verdictOnBuilt } from '../../../../../test/support/mutations/index.js';
import { itemAt, VerifiedChain } from '../../../../../test/support/verified-chain.js';
import { toHex } from '../../../../common/bytes.js';
import type { EngineConfig } from '../../genesis/chain-config.js';
import type { PolybftState } from './polybft-state.js';

const SIX: PolybftChainOptions = { validators: [1n, 1n, 1n, 1n, 1n, 1n] };
const hex = (set: readonly { address: Uint8Array }[]) => set.map(({ address }) => toHex(address));

async function expectTaken(chain: PolybftChain): Promise<void> {
  const { failure, tip } = await verdictOnBuilt(chain);
  expect([failure, tip.number]).toEqual([undefined, chain.height]);
  expect(hex((tip.state as PolybftState).set)).toEqual(hex(chain.set));
}

describe('the quorum', () => {
  it('is two thirds of the power, rounded up, before quorumcalcalignment', async () => {
    const chain = await polybftChain({ ...SIX, forks: { london: 0 } });
    chain.seal({ signers: chain.set.slice(0, 4) });
    chain.seal({ signers: chain.set.slice(2) });
    await expectTaken(chain);
  });

  it('is more than two thirds from then on, for parents by their own height', async () => {
    const chain = await polybftChain({ ...SIX, forks: { london: 0, quorumcalcalignment: 3 } });
    chain.grow(1);
    chain.seal({ signers: chain.set.slice(0, 4) });
    chain.seal({ signers: chain.set.slice(0, 5) });
    await expectTaken(chain);
    chain.seal({ signers: chain.set.slice(0, 4) });
    expect((await verdictOnBuilt(chain)).failure?.detail).toMatchObject({
      number: 4,
      rule: 'polybft.committed-quorum',
    });
  });

  it('is of power, not of heads', async () => {
    const chain = await polybftChain({ validators: [9n, 1n, 1n, 1n] });
    chain.seal({ signers: chain.set.slice(0, 1) });
    await expectTaken(chain);
  });
});

describe('the clock', () => {
  it.each([
    { drift: 0, nowMs: 31_000, isTaken: true },
    { drift: 0, nowMs: 30_999, isTaken: false },
    { drift: 10, nowMs: 21_000, isTaken: true },
    { drift: 10, nowMs: 20_999, isTaken: false },
  ])('lets blocks be ahead by the drift of $drift s: $nowMs, $isTaken', async ({ drift, nowMs, isTaken }) => {
    const chain = await polybftChain();
    chain.seal({ timestamp: 31n });
    const engine = { ...chain.config.engine, blockTimeDriftSeconds: drift } as EngineConfig;
    const genesis = await VerifiedChain.of('built', { ...chain.config, engine }, chain.blocks.slice(0, 1));
    const { failure } = genesis.verdictOn(0, chain.blocks.slice(1), { nowMs });
    expect(failure === undefined).toBe(isTaken);
  });
});

describe('the set', () => {
  it('changes at the ends of epochs, and seals are held against the right one', async () => {
    const chain = (await polybftChain({ epochSize: 3 })).grow(2);
    chain.seal({ delta: { removed: [1, 3], added: [chain.newKey(0, 2n), chain.newKey(1)] } });
    chain.grow(2);
    const [first] = chain.set as [PolybftKey];
    chain.seal({ delta: { updated: [{ ...first, votingPower: 4n }] } });
    chain.seal({ parentSignature: chain.setAt(6) });
    await expectTaken(chain.grow(5));
  });

  it('may change in every block where epochs are of one', async () => {
    const chain = await polybftChain({ epochSize: 1 });
    for (let at = 0; at < 4; at++) chain.seal({ delta: { removed: [0], added: [chain.newKey(at)] } });
    await expectTaken(chain.grow(2));
  });
});

describe('evidence', () => {
  it('is no ground to refuse a block that was held against another set', async () => {
    const chain = (await polybftChain({ epochSize: 3 })).grow(2);
    chain.seal({ delta: { removed: [0] } });
    const verified = await VerifiedChain.built('built', chain.grow(2));
    const { blocks } = verified.examine(3, [verified.rawAt(4)], verified.stateAt(0).encoded);
    const { evidence } = itemAt(blocks, 0);
    expect(() => verified.consensus.judge(evidence, verified.stateAt(3), 10 ** 15)).toThrow(
      expect.objectContaining({ code: 'BLOCKCHAIN.VERIFIER_FAILED' }),
    );
  });
});

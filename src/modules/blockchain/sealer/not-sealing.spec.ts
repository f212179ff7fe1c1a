import { afterEach, expect, it } from '@jest/globals';
import { type ForkPlan, ibftChain, testKeys } from '../../../../test/support/chain-builder/index.js';
import { Sealers } from '../../../../test/support/sealer-under-test.js';
import { parseGenesis } from '../genesis/parse-genesis.js';
import type { SealerSetup } from './sealer-setup.js';

const sealers = new Sealers();
const keys = testKeys(4);
const chainOf = (...forks: ForkPlan[]) =>
  parseGenesis(ibftChain({ validators: keys, ...(forks.length > 0 && { forks }) }).genesisText);

afterEach(() => sealers.stopAll());

it.each<[string, Partial<SealerSetup>]>([
  ['it is switched off', { config: { seal: false } }],
  ['there is no key', { validators: [] }],
  ['no key is of a validator', { validators: testKeys(4, 'strangers') }],
  ['the keys are too few', { validators: keys.slice(0, 2) }],
  ['the chain is PoS', { chain: chainOf({ type: 'PoS', from: 0 }) }],
  [
    'the chain becomes PoS with the next block',
    { chain: chainOf({ from: 0, to: 0 }, { type: 'PoS', from: 1 }) },
  ],
])('seals nothing when %s, and says so', async (_, setup) => {
  const { sealer, clock, log, batches } = await sealers.make({
    chain: chainOf(),
    validators: keys,
    ...setup,
  });
  sealer.onApplicationBootstrap();
  await clock.advanceAsync(10_000);
  expect(log.lines).toEqual([
    { level: 'info', message: 'not sealing', fields: { reason: expect.any(String) } },
  ]);
  expect(batches).toEqual([]);
  expect(clock.pendingTimers).toBe(0);
});

it('ends where the chain becomes PoS', async () => {
  const chain = chainOf({ from: 0, to: 2 }, { type: 'PoS', from: 3 });
  const { sealer, clock, log, height } = await sealers.make({ chain, validators: keys });
  sealer.onApplicationBootstrap();
  await clock.advanceAsync(20_000);
  expect(height()).toBe(2);
  expect(log.messages('warn')).toEqual(['sealing ended']);
});

it('does not start once it was stopped', async () => {
  const { sealer, clock, log } = await sealers.make();
  await sealer.beforeApplicationShutdown();
  sealer.onApplicationBootstrap();
  expect(clock.pendingTimers).toBe(0);
  expect(log.lines).toEqual([]);
});

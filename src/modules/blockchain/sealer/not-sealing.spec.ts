import { expect, it } from '@jest/globals';
import { FakeChain } from '../../../../test/support/fake-chain.js';
import { anIbftConfig } from '../../../../test/support/ibft-config.js';
import { ManualClock } from '../../../../test/support/manual-clock.js';
import { RecordingLogger } from '../../../../test/support/recording-logger.js';
import { addressOf } from '../crypto/address.js';
import { publicKeyOf } from '../crypto/secp256k1.js';
import { SealerService, type SealerSetup } from './sealer.service.js';

const validatorKey = new Uint8Array(32).fill(7);
const ours = { address: addressOf(publicKeyOf(validatorKey, false)) };
const another = { address: new Uint8Array(20).fill(9) };
const blsPublicKey = new Uint8Array(48).fill(1);
const good = { config: { seal: true }, chain: anIbftConfig([ours]), validatorKey };
const forks = (...types: Record<string, unknown>[]) => anIbftConfig([ours], { type: undefined, types });

function bootstrap(setup: SealerSetup) {
  const [clock, chain, log] = [new ManualClock(), new FakeChain(0), new RecordingLogger()];
  const sealer = new SealerService(chain, chain, clock, log, setup);
  sealer.onApplicationBootstrap();
  return { sealer, clock, log };
}

it.each<[string, Partial<SealerSetup>]>([
  ['it is switched off', { config: { seal: false } }],
  ['there is no key', { validatorKey: undefined }],
  ['the key is not the validator', { validatorKey: new Uint8Array(32).fill(8) }],
  ['there are other validators', { chain: anIbftConfig([ours, another]) }],
  ['the validators have BLS keys', { chain: anIbftConfig([{ ...ours, blsPublicKey }]) }],
  ['the chain is PoS', { chain: anIbftConfig([ours], { type: 'PoS' }) }],
  [
    'the chain changes its type later',
    { chain: forks({ type: 'PoA', from: 0, to: 9 }, { type: 'PoS', from: 10 }) },
  ],
  ['the chain ends', { chain: forks({ type: 'PoA', from: 0, to: 9 }) }],
  ['the engine is another', { chain: { ...good.chain, engine: { name: 'dummy' } } }],
])('seals nothing when %s, and says so', async (_, setup) => {
  const { sealer, clock, log } = bootstrap({ ...good, ...setup });
  expect(clock.pendingTimers).toBe(0);
  expect(log.lines).toEqual([
    { level: 'info', message: 'not sealing', fields: { reason: expect.any(String) } },
  ]);
  await sealer.beforeApplicationShutdown();
});

it('seals when nothing is in the way', async () => {
  const { sealer, clock, log } = bootstrap(good);
  expect(clock.pendingTimers).toBe(1);
  expect(log.messages('info')).toEqual(['sealing']);
  await sealer.beforeApplicationShutdown();
  expect(clock.pendingTimers).toBe(0);
});

it('does not start once it was stopped', async () => {
  const { sealer, clock } = bootstrap(good);
  await sealer.beforeApplicationShutdown();
  sealer.onApplicationBootstrap();
  expect(clock.pendingTimers).toBe(0);
});

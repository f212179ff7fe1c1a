import { afterEach, describe, expect, it } from '@jest/globals';
import { ibftChain, type SealKey, testKeys } from '../../../../test/support/chain-builder/index.js';
import { grow, Sealers, type SealerUnderTest } from '../../../../test/support/sealer-under-test.js';
import { toHex } from '../../../common/bytes.js';
import { parseGenesis } from '../genesis/parse-genesis.js';

const sealers = new Sealers();

afterEach(() => sealers.stopAll());

const validatorOf = ({ address, blsPublicKey }: SealKey, bls: boolean) =>
  bls && blsPublicKey ? { address, blsKey: blsPublicKey } : { address };
const hex = (members: readonly { address: Uint8Array }[] = []) =>
  members.map(({ address }) => toHex(address));

async function setOf({ chain, height }: SealerUnderTest): Promise<string[]> {
  return hex(await chain.validatorsAt((height() ?? 0) + 1));
}

describe.each(['ecdsa', 'bls'] as const)('sealing with several keys, %s', (type) => {
  const keys = testKeys(5);
  const bls = type === 'bls';
  const genesis = (validators: readonly SealKey[], epochSize = 100) =>
    parseGenesis(ibftChain({ type, validators, epochSize }).genesisText);

  it('makes a chain that verifies without an anomaly', async () => {
    const under = await sealers.make({ chain: genesis(keys), validators: keys });
    under.sealer.onApplicationBootstrap();
    await grow(under, 7);
    expect(under.chain.info().anomalies.count).toBe(0);
    expect(await setOf(under)).toEqual(hex(keys));
  });

  it('votes one of its keys in and another out, and goes on with the set that comes of it', async () => {
    const under = await sealers.make({ chain: genesis(keys.slice(0, 4)), validators: keys });
    const [first, newcomer] = [keys[0], keys[4]];
    if (first === undefined || newcomer === undefined) throw new Error('no keys');
    under.sealer.onApplicationBootstrap();
    await grow(under, 1);
    await under.voting.propose({ validator: validatorOf(newcomer, bls), authorize: true });
    expect(under.voting.candidates()).toHaveLength(1);
    await grow(under, 3);
    expect(await setOf(under)).toEqual(hex(keys));
    await grow(under, 3);
    expect(under.voting.candidates()).toEqual([]);
    await under.voting.propose({ validator: { address: first.address }, authorize: false });
    await grow(under, 3);
    expect(await setOf(under)).toEqual(hex(keys.slice(1)));
    await grow(under, 5);
    expect(under.chain.info().anomalies.count).toBe(0);
  });

  it('goes on with a validator that is not here as long as its keys are enough, in later rounds', async () => {
    const strangers = testKeys(1, 'strangers');
    const under = await sealers.make({
      chain: genesis([...strangers, ...keys.slice(0, 3)]),
      validators: keys,
    });
    under.sealer.onApplicationBootstrap();
    await grow(under, 6);
    expect(under.chain.info().anomalies.count).toBe(0);
  });

  it('ends when a vote makes its keys too few', async () => {
    const [stranger] = testKeys(1, 'strangers');
    const [only] = keys;
    if (stranger === undefined || only === undefined) throw new Error('no keys');
    const under = await sealers.make({ chain: genesis([only]), validators: [only] });
    under.sealer.onApplicationBootstrap();
    await under.voting.propose({ validator: validatorOf(stranger, bls), authorize: true });
    await under.clock.advanceAsync(20_000);
    expect(under.height()).toBe(1);
    expect(under.log.messages('warn')).toEqual(['sealing ended']);
  });

  it('casts no vote where none counts, and casts it afterwards', async () => {
    const under = await sealers.make({ chain: genesis(keys.slice(0, 4), 3), validators: keys });
    const newcomer = keys[4];
    if (newcomer === undefined) throw new Error('no key');
    under.sealer.onApplicationBootstrap();
    await grow(under, 2);
    await under.voting.propose({ validator: validatorOf(newcomer, bls), authorize: true });
    await grow(under, 1);
    expect((await under.chain.header(3))?.miner).toEqual(new Uint8Array(20));
    await grow(under, 1);
    expect((await under.voting.snapshot()).votes).toHaveLength(1);
  });
});

it('crosses from ECDSA to BLS validators', async () => {
  const keys = testKeys(4);
  const forks = [
    { from: 0, to: 3 },
    { from: 4, validatorType: 'bls', validators: keys },
  ] as const;
  const chain = parseGenesis(ibftChain({ validators: keys, forks }).genesisText);
  const under = await sealers.make({ chain, validators: keys });
  under.sealer.onApplicationBootstrap();
  await grow(under, 7);
  expect((await under.voting.snapshot()).validators[0]?.blsKey).toHaveLength(48);
});

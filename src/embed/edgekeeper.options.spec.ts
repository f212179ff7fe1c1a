import { inspect } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { aGenesisText } from '../../test/support/genesis-texts.js';
import { chainOf, type EdgekeeperOptions, givenKeys, nodeSettings } from './edgekeeper.options.js';

const aKey = (fill: number) => new Uint8Array(32).fill(fill);

describe(nodeSettings.name, () => {
  it('are those of a config file, with its defaults', () => {
    const settings = nodeSettings({
      chain: 'genesis.json',
      dataDir: 'data',
      settings: { network: { listenPort: 0 }, blockchain: { store: '@org/store' } },
    });
    expect(settings.node.dataDir).toBe('data');
    expect(settings.network).toMatchObject({ listenPort: 0, listenHost: '127.0.0.1' });
    expect(settings.blockchain.store).toBe('@org/store');
    expect(settings.telemetry.logLevel).toBe('info');
  });

  it('names every fault at once', () => {
    const settings = { network: { listenPort: -1, port: 1 }, blockchain: { store: './store.js' }, chain: {} };
    expect(() => nodeSettings({ chain: 'x', dataDir: '', settings })).toThrow(
      expect.objectContaining({
        code: 'CONFIG.INVALID',
        detail: {
          code: 'CONFIG.INVALID',
          faults: ['network.listenPort', 'network', 'blockchain.store', '', 'node.dataDir'].map((source) =>
            expect.objectContaining({ source }),
          ),
        },
      }),
    );
  });

  it('names options that there are not, and what is none', () => {
    const given = {
      chain: 5,
      dataDir: 'data',
      setings: {},
      keys: { network: aKey(1), validators: [{ key: aKey(2), bls: aKey(3) }] },
    };
    expect(() => nodeSettings(given as unknown as EdgekeeperOptions)).toThrow(
      expect.objectContaining({
        code: 'CONFIG.INVALID',
        message:
          'chain: expected a path, or what is in a genesis.json; ' +
          'keys.validators.0: Unrecognized key: "bls"; options: Unrecognized key: "setings"',
      }),
    );
  });

  it('takes options that are an instance of a class', () => {
    class Options {
      chain = 'genesis.json';
      dataDir = 'data';
    }
    expect(nodeSettings(new Options()).node.dataDir).toBe('data');
  });

  it('has no say in where a chain comes from twice', () => {
    const settings = { node: { chainPath: 'other.json' } };
    expect(nodeSettings({ chain: 'x', dataDir: 'data', settings: settings as object }).node.dataDir).toBe(
      'data',
    );
  });
});

describe(chainOf.name, () => {
  it('takes what is in a genesis file', async () => {
    const chain = await chainOf(JSON.parse(aGenesisText()) as object);
    expect(chain.chainId).toBeGreaterThan(0);
  });

  it.each([
    { name: 'a file that is not there', chain: '/nowhere/genesis.json', code: 'CONFIG.INVALID' },
    { name: 'an object that is no genesis', chain: {}, code: 'BLOCKCHAIN.GENESIS_INVALID' },
    { name: 'an object that no file could have', chain: { params: 1n }, code: 'CONFIG.INVALID' },
  ])('refuses $name', async ({ chain, code }) => {
    await expect(chainOf(chain)).rejects.toMatchObject({ code });
  });
});

describe(givenKeys.name, () => {
  it('derives what others see of a validator', () => {
    const keys = givenKeys({
      network: aKey(1),
      validators: [{ key: aKey(2) }, { key: aKey(3), blsKey: aKey(4) }],
    });
    expect(keys.networkKey).toEqual(aKey(1));
    expect(keys.validators.map(({ blsPublicKey }) => blsPublicKey?.length)).toEqual([undefined, 48]);
  });

  it('names the keys that are none and shows none', () => {
    const bad = new Uint8Array(32).fill(0xff);
    const make = () =>
      givenKeys({ network: aKey(0), validators: [{ key: aKey(1), blsKey: bad }, { key: bad.subarray(1) }] });
    let failure: unknown;
    try {
      make();
    } catch (error) {
      failure = error;
    }
    expect(failure).toMatchObject({
      code: 'CONFIG.INVALID',
      detail: {
        faults: ['keys.network', 'keys.validators.0', 'keys.validators.1'].map((source) => ({
          source,
          text: `${source}: not a key of its curve`,
        })),
      },
    });
    expect(inspect(failure, { depth: 9 })).not.toContain('255');
  });
});

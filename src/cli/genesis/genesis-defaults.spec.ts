import { describe, expect, it } from '@jest/globals';
import { GENESIS_DEFAULTS } from './genesis-defaults.js';

describe('what holds where a flag of genesis is not given', () => {
  // Those of polygon-edge@597a0f3 command/default.go and command/genesis/genesis.go.
  it.each([
    ['dir', './genesis.json'],
    ['name', 'polygon-edge'],
    ['chain-id', '100'],
    ['consensus', 'polybft'],
    ['block-gas-limit', '5242880'],
    ['epoch-size', '100000'],
    ['block-time', '2s'],
    ['min-validator-count', '1'],
    ['max-validator-count', '9007199254740990'],
    ['validators-path', './'],
    ['validators-prefix', 'test-chain-'],
    ['ibft-validator-type', 'bls'],
    ['base-fee-config', '1000000000:2:8'],
    ['premine', 1_000_000n * 10n ** 18n],
  ] as const)('%s', (flag, value) => expect(GENESIS_DEFAULTS[flag]).toBe(value));
});

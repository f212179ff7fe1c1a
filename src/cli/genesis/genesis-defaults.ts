/** What holds where a flag of `genesis` is not given. @see polygon-edge@597a0f3 command/default.go, command/genesis/genesis.go */
export const GENESIS_DEFAULTS = {
  dir: './genesis.json',
  name: 'polygon-edge',
  'chain-id': '100',
  consensus: 'polybft',
  'block-gas-limit': '5242880',
  'epoch-size': '100000',
  'block-time': '2s',
  'min-validator-count': '1',
  'max-validator-count': '9007199254740990',
  'validators-path': './',
  'validators-prefix': 'test-chain-',
  'ibft-validator-type': 'bls',
  'base-fee-config': '1000000000:2:8',
  /** Wei of an account whose balance is not said. */
  premine: 10n ** 24n,
} as const;

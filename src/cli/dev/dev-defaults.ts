/** Defaults of the flags that mean something else to `dev`, or that only it has. */
export const DEV_DEFAULTS = {
  dataDir: './.edgekeeper',
  blockTime: '2s',
  chainId: 1_337,
  validators: 1,
  type: 'ecdsa',
} as const;

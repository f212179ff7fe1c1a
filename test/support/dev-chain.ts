import { ibftGenesisFile, sealKey } from '../../src/modules/blockchain/index.js';

export interface DevChainOptions {
  readonly chainId: number;
  /** Fills every byte of the validator's key. */
  readonly key: number;
}

/** A chain that one validator seals by itself, each second; what `EdgekeeperModule` asks of it. */
export function aDevChain({ chainId, key }: DevChainOptions) {
  const validatorKey = new Uint8Array(32).fill(key);
  const chain = ibftGenesisFile({
    name: `dev-${chainId}`,
    chainId,
    validators: [sealKey(validatorKey)],
    bootnodes: [],
    blockTimeMs: 1_000,
    epochSize: 100,
    gasLimit: 5_242_880n,
    premine: [],
  });
  return { chain, keys: { network: new Uint8Array(32).fill(key + 1), validators: [{ key: validatorKey }] } };
}

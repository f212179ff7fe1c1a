import {
  type ChainConfig,
  type IbftValidator,
  ibftGenesisFile,
  parseGenesis,
} from '../../src/modules/blockchain/index.js';

/** An IBFT PoA chain with blocks of 2 s; `engine` changes what the genesis file says of the engine. */
export function anIbftConfig(
  validators: readonly IbftValidator[],
  engine: Record<string, unknown> = {},
): ChainConfig {
  const file = ibftGenesisFile({
    name: 'test',
    chainId: 7_331,
    validators,
    bootnodes: [],
    blockTimeMs: 2_000,
    epochSize: 10,
    gasLimit: 5_242_880n,
    premine: [],
  }) as { params: { engine: { ibft: Record<string, unknown> } } };
  Object.assign(file.params.engine.ibft, engine);
  return parseGenesis(JSON.stringify(file));
}

import { assertNever } from '../../../common/app-error.js';
import type { ChainConfig } from '../genesis/chain-config.js';
import type { Consensus } from '../ports/consensus.port.js';
import { IbftConsensus } from './ibft/ibft-consensus.js';
import { PlainConsensus } from './plain/plain-consensus.js';
import { PolybftConsensus } from './polybft/polybft-consensus.js';

/** What of a chain's configuration its engine needs. */
export type ConsensusConfig = Pick<ChainConfig, 'engine' | 'chainId' | 'forks' | 'genesis'>;

/** The rules of the engine that the genesis file names. */
export function createConsensus({ engine, chainId, forks, genesis }: ConsensusConfig): Consensus {
  switch (engine.name) {
    case 'ibft':
      return new IbftConsensus(engine);
    case 'polybft':
      return new PolybftConsensus({
        chainId,
        forks,
        blockTimeDriftSeconds: BigInt(engine.blockTimeDriftSeconds),
        baseFee: {
          baseFee: genesis.baseFee,
          elasticity: genesis.baseFeeEM,
          changeDenominator: genesis.baseFeeChangeDenom,
        },
      });
    case 'dev':
    case 'dummy':
      return new PlainConsensus(engine.name);
    default:
      return assertNever(engine);
  }
}

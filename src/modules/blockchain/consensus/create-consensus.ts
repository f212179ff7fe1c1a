import { assertNever } from '../../../common/app-error.js';
import type { ChainConfig } from '../genesis/chain-config.js';
import type { Consensus } from '../ports/consensus.port.js';
import { IbftConsensus } from './ibft/ibft-consensus.js';
import { PlainConsensus } from './plain/plain-consensus.js';
import { PolybftConsensus } from './polybft/polybft-consensus.js';

/** The rules of the engine that the genesis file names. */
export function createConsensus({ engine }: Pick<ChainConfig, 'engine'>): Consensus {
  switch (engine.name) {
    case 'ibft':
      return new IbftConsensus(engine.forks);
    case 'polybft':
      return new PolybftConsensus();
    case 'dev':
    case 'dummy':
      return new PlainConsensus(engine.name);
    default:
      return assertNever(engine);
  }
}

import { describe, expect, it } from '@jest/globals';
import type { EngineConfig } from '../genesis/chain-config.js';
import { createConsensus } from './create-consensus.js';
import { IbftConsensus } from './ibft/ibft-consensus.js';
import { PlainConsensus } from './plain/plain-consensus.js';
import { PolybftConsensus } from './polybft/polybft-consensus.js';

const timing = { blockTimeMs: 1_000, epochSize: 10 };

describe(createConsensus.name, () => {
  it.each<{ engine: EngineConfig; rules: unknown }>([
    {
      engine: {
        name: 'ibft',
        forks: [{ type: 'PoA', validatorType: 'ecdsa', from: 0 }],
        quorumSizeBlockNum: 0,
        ...timing,
      },
      rules: IbftConsensus,
    },
    { engine: { name: 'polybft', ...timing }, rules: PolybftConsensus },
    { engine: { name: 'dev', blockTimeMs: 1_000 }, rules: PlainConsensus },
    { engine: { name: 'dummy' }, rules: PlainConsensus },
  ])('has the rules of $engine.name', ({ engine, rules }) => {
    expect(createConsensus({ engine }).constructor).toBe(rules);
  });

  it('has none for an engine that the genesis file should not have been let through with', () => {
    expect(() => createConsensus({ engine: { name: 'clique' } as never })).toThrow('clique');
  });
});

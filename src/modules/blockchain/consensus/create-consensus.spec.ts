import { describe, expect, it } from '@jest/globals';
import { type EngineConfig, Forks, type GenesisFields } from '../genesis/chain-config.js';
import { createConsensus } from './create-consensus.js';
import { IbftConsensus } from './ibft/ibft-consensus.js';
import { PlainConsensus } from './plain/plain-consensus.js';
import { PolybftConsensus } from './polybft/polybft-consensus.js';

const timing = { blockTimeMs: 1_000, epochSize: 10 };
const genesis = { baseFee: 0n, baseFeeEM: 2n, baseFeeChangeDenom: 8n } as GenesisFields;
const rest = { chainId: 1, forks: new Forks(new Map()), genesis };

const ibft = (type: 'PoA' | 'PoS'): EngineConfig => ({
  name: 'ibft',
  forks: [{ type, validatorType: 'ecdsa', from: 0 }],
  quorumSizeBlockNum: 0,
  ...timing,
});

describe(createConsensus.name, () => {
  it.each<{ engine: EngineConfig; rules: unknown; verification: string; isFinal: boolean }>([
    { engine: ibft('PoA'), rules: IbftConsensus, verification: 'seals of the voted set', isFinal: true },
    {
      engine: ibft('PoS'),
      rules: IbftConsensus,
      verification: 'seals, sets of PoS epochs trusted',
      isFinal: true,
    },
    {
      engine: { name: 'polybft', blockTimeDriftSeconds: 10, ...timing },
      rules: PolybftConsensus,
      verification: 'seals of the set that epochs changed',
      isFinal: true,
    },
    {
      engine: { name: 'dev', blockTimeMs: 1_000 },
      rules: PlainConsensus,
      verification: 'structure',
      isFinal: false,
    },
    { engine: { name: 'dummy' }, rules: PlainConsensus, verification: 'structure', isFinal: false },
  ])('has the rules of $engine.name: $verification', ({ engine, rules, ...shown }) => {
    const consensus = createConsensus({ engine, ...rest });
    expect(consensus.constructor).toBe(rules);
    expect(consensus).toMatchObject({ engine: engine.name, ...shown });
  });

  it('has none for an engine that the genesis file should not have been let through with', () => {
    expect(() => createConsensus({ engine: { name: 'clique' } as never, ...rest })).toThrow('clique');
  });
});

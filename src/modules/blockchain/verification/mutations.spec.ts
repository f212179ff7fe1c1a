import { beforeAll, describe, expect, it } from '@jest/globals';
import { mutatedChains } from '../../../../test/support/mutations/chains.js';
import {
  type Kind,
  MUTATIONS,
  type Mutation,
  type Refusal,
  Target,
} from '../../../../test/support/mutations/index.js';
import { toHex } from '../../../common/bytes.js';

describe('blocks that a peer changed', () => {
  let targets: readonly Target[];

  beforeAll(async () => {
    targets = await mutatedChains();
  });

  it('are of more than 60 kinds, each with a name of its own', () => {
    expect(MUTATIONS.length).toBeGreaterThan(60);
    expect(new Set(MUTATIONS.map(({ name }) => name)).size).toBe(MUTATIONS.length);
  });

  it.each(MUTATIONS)('are refused: $name', (mutation) => {
    const tried = new Set<Kind>();
    for (const target of targets) {
      if (tryOn(target, mutation)) tried.add(target.kind);
    }
    expect([...tried].sort()).toEqual(Object.keys(mutation.refused).sort());
  });

  it('are found among good blocks, when their seals are verified together', () => {
    const ofKind = new Map(targets.filter(({ number }) => number > 9).map((target) => [target.kind, target]));
    for (const [kind, target] of ofKind) {
      const { chain, number } = target;
      const before = chain.raws.slice(number - 3, number);
      const after = chain.raws.slice(number + 1, number + 4);
      for (const { name, refused, mutate } of MUTATIONS) {
        const changed = /seal|aggregate|signature/.test(name) && kind in refused ? mutate(target) : undefined;
        if (!(changed instanceof Uint8Array)) continue;
        const { failure, tip } = chain.verdictOn(number - 4, [...before, changed, ...after]);
        expect([name, failure?.detail]).toMatchObject([name, { number }]);
        expect(tip.number).toBe(number - 1);
      }
    }
    expect([...ofKind.keys()].sort()).toEqual(['poa-bls', 'poa-ecdsa', 'polybft', 'pos']);
  });
});

/** Whether the mutation can be made of this block; fails unless it is then refused as it says. */
function tryOn(target: Target, { refused, mutate }: Mutation): boolean {
  const expected = refused[target.kind];
  const changed = expected && mutate(target);
  if (expected === undefined || changed === undefined) return false;
  const { chain, number } = target;
  // Without seals only the child tells.
  const { child = [] } = target.kind === 'plain' ? target : {};
  const blocks = changed instanceof Uint8Array ? [changed].concat(child) : changed;
  expect(Buffer.compare(blocks[0] ?? new Uint8Array(), target.raw) !== 0 || blocks.length > 1).toBe(true);
  const { blocks: taken, failure, tip } = chain.verdictOn(number - 1, blocks);
  const found = failure?.detail;
  const fits = [expected].flat().filter((refusal: Refusal) => {
    const { code, rule, at = 0 } = refusal;
    return (
      found?.code === code &&
      'number' in found &&
      found.number === number + at &&
      (rule === undefined || ('rule' in found && found.rule === rule))
    );
  });
  if (fits.length === 0) {
    throw new Error(
      `${chain.name} ${number}: ${String(failure)} (${found && 'rule' in found ? found.rule : found?.code})`,
    );
  }
  // What was taken before are honest blocks, or a block that nothing tells from one.
  expect(tip.number).toBe(number - 1 + taken.length);
  if (taken.length === 0) expect(toHex(tip.hash)).toBe(toHex(chain.hashAt(number - 1)));
  return true;
}

import { toHex } from '../../../src/common/bytes.js';
import type { IbftValidator } from '../../../src/modules/blockchain/consensus/ibft/extra.js';
import {
  type ChainConfig,
  type IbftFork,
  ibftForkAt,
} from '../../../src/modules/blockchain/genesis/chain-config.js';
import type { ForkPlan } from './ibft-genesis.js';
import type { SealKey } from './keys.js';
import { PoaModel } from './poa-model.js';

/** What a block did to the set. */
export interface Cast {
  readonly proposer: SealKey;
  readonly vote?: { readonly candidate: SealKey; readonly authorize: boolean } | undefined;
}

/** The entry of the fork list at a height. */
export function forkAt({ engine }: ChainConfig, number: number): IbftFork {
  const fork = engine.name === 'ibft' ? ibftForkAt(engine.forks, number) : undefined;
  if (fork === undefined) throw new Error(`no fork covers ${number}`);
  return fork;
}

/** Who validates an IBFT chain at each height: by the model of the votes, by the fork list, and on PoS as decided. */
export class TrueSet {
  /** By height: the set in force there. */
  private readonly sets: (readonly SealKey[])[] = [[]];
  private readonly casts: (Cast | undefined)[] = [undefined];
  private readonly keys = new Map<string, SealKey>();
  private readonly model: PoaModel;

  constructor(
    private readonly config: ChainConfig,
    private readonly genesis: readonly SealKey[],
    private readonly forks: readonly ForkPlan[],
  ) {
    const { engine } = config;
    if (engine.name !== 'ibft') throw new Error('not an IBFT chain');
    this.know(genesis);
    this.model = new PoaModel(engine.epochSize, this.namesOf(genesis, 0));
    this.sets.push(this.after(0));
  }

  at(number: number): readonly SealKey[] {
    const set = this.sets[number];
    if (set === undefined) throw new Error(`the set at ${number} is not known yet`);
    return set;
  }

  proposerAt(number: number): SealKey | undefined {
    return this.casts[number]?.proposer;
  }

  votes(): string[] {
    return this.model.votes();
  }

  /** On PoS: the set from a height on. */
  decide(number: number, set: readonly SealKey[]): void {
    this.know(set);
    this.sets[number] = set;
  }

  /** Follows the next block. */
  record(cast: Cast): void {
    const number = this.casts.push(cast) - 1;
    this.count(number, cast);
    this.sets[number + 1] = this.after(number);
  }

  fork(at: number): TrueSet {
    const copy = new TrueSet(this.config, this.genesis, this.forks);
    for (const [name, key] of this.keys) copy.keys.set(name, key);
    for (let number = 1; number <= at; number++) {
      copy.sets[number] = this.at(number);
      const cast = this.casts[number];
      if (cast !== undefined) copy.record(cast);
    }
    return copy;
  }

  private count(number: number, { proposer, vote }: Cast): void {
    if (vote !== undefined) this.know([vote.candidate]);
    if (forkAt(this.config, number).type === 'PoA') {
      const candidate = vote && this.namesOf([vote.candidate], number)[0];
      const cast = vote && candidate !== undefined ? { candidate, authorize: vote.authorize } : undefined;
      this.model.apply(number, toHex(proposer.address), cast);
    }
    const next = this.forks.find(({ from, type }) => from === number + 1 && type !== 'PoS');
    if (next?.validators === undefined) return;
    this.know(next.validators);
    this.model.replace(this.namesOf(next.validators, number + 1));
  }

  private after(number: number): readonly SealKey[] {
    const next = number + 1;
    const before = this.sets[number] ?? [];
    if (forkAt(this.config, next).type === 'PoS') {
      const entered = this.forks.find(({ from }) => from === next)?.validators;
      return entered ?? (number === 0 ? this.genesis : before);
    }
    const { set } = this.model;
    const names = this.namesOf(before, next);
    const isSame = set.length === names.length && names.every((name, at) => set[at] === name);
    return isSame ? before : set.map((name) => this.known(name));
  }

  private namesOf(keys: readonly SealKey[], number: number): string[] {
    const bls = forkAt(this.config, number).validatorType === 'bls';
    return keys.map((key) => nameOf(key, bls));
  }

  private know(keys: readonly SealKey[]): void {
    for (const key of keys) for (const bls of [false, true]) this.keys.set(nameOf(key, bls), key);
  }

  private known(name: string): SealKey {
    const key = this.keys.get(name);
    if (key === undefined) throw new Error(`no key for ${name}`);
    return key;
  }
}

const nameOf = ({ address, blsPublicKey }: IbftValidator, bls: boolean) =>
  bls && blsPublicKey !== undefined ? `${toHex(address)}:${toHex(blsPublicKey)}` : toHex(address);

/** A vote as the model knows it: a candidate is `address` or `address:key`, in hex. */
export interface ModelVote {
  readonly candidate: string;
  readonly authorize: boolean;
}

const addressOf = (validator: string) => validator.split(':')[0] ?? '';

/**
 * The voting rules of a PoA chain once more, in strings and tables of voters, to hold the node's own against. It shares
 * no code with them.
 */
export class PoaModel {
  /** candidate → voter → the way of the vote that was counted. */
  private readonly ballots = new Map<string, Map<string, boolean>>();

  constructor(
    private readonly epochSize: number,
    /** In their order. */
    readonly set: string[],
  ) {}

  /** Every vote that counts, as `voter>candidate+` or `…-`, sorted. */
  votes(): string[] {
    const lines = [...this.ballots].flatMap(([candidate, voters]) =>
      [...voters].map(([voter, authorize]) => `${voter}>${candidate}${authorize ? '+' : '-'}`),
    );
    return lines.sort();
  }

  apply(number: number, proposer: string, vote?: ModelVote): void {
    if (number % this.epochSize === 0) this.ballots.clear();
    else if (vote !== undefined) this.count(proposer, vote);
  }

  /** A fork that brings its own set. */
  replace(set: readonly string[]): void {
    this.set.splice(0, this.set.length, ...set);
    this.ballots.clear();
  }

  private count(proposer: string, { candidate, authorize }: ModelVote): void {
    const position = this.set.findIndex((validator) => addressOf(validator) === addressOf(candidate));
    if (authorize ? position >= 0 : position < 0) return;
    const voters = this.ballots.get(candidate) ?? new Map<string, boolean>();
    this.ballots.set(candidate, voters);
    if (!voters.has(proposer)) voters.set(proposer, authorize);
    if (voters.size * 2 <= this.set.length - (this.set.length % 2)) return;
    this.ballots.delete(candidate);
    if (authorize) {
      this.set.push(candidate);
      return;
    }
    this.set.splice(position, 1);
    for (const others of this.ballots.values()) others.delete(addressOf(candidate));
  }

  clone(): PoaModel {
    const copy = new PoaModel(this.epochSize, [...this.set]);
    for (const [candidate, voters] of this.ballots) copy.ballots.set(candidate, new Map(voters));
    return copy;
  }
}

import { BlockchainError } from '../../blockchain.errors.js';
import { type IbftFork, ibftForkAt } from '../../genesis/chain-config.js';
import type { IbftValidator } from './extra.js';
import type { IbftSealKinds } from './header-hash.js';

export interface IbftScheduleOptions {
  readonly forks: readonly IbftFork[];
  readonly epochSize: number;
  readonly quorumSizeBlockNum: number;
}

/** What the genesis file says for each height of an IBFT chain. */
export class IbftSchedule {
  readonly epochSize: number;
  private readonly forks: readonly IbftFork[];
  private readonly quorumSizeBlockNum: number;

  constructor({ forks, epochSize, quorumSizeBlockNum }: IbftScheduleOptions) {
    this.forks = forks;
    this.epochSize = epochSize;
    this.quorumSizeBlockNum = quorumSizeBlockNum;
  }

  /** @throws {BlockchainError} BLOCKCHAIN.BAD_EXTRA where no entry of the fork list covers the height */
  forkAt(number: number): IbftFork {
    const fork = ibftForkAt(this.forks, number);
    if (fork === undefined) {
      throw new BlockchainError({ code: 'BLOCKCHAIN.BAD_EXTRA', number, reason: 'fork not found' });
    }
    return fork;
  }

  /** Which kind of validators sealed a header and its parent. */
  sealKinds(number: number): IbftSealKinds {
    const bls = this.forkAt(number).validatorType === 'bls';
    return { bls, parentBls: number > 1 ? this.forkAt(number - 1).validatorType === 'bls' : bls };
  }

  /** Whether votes count at this height: PoA, and not the block that clears them. */
  countsVotes(number: number): boolean {
    return this.forkAt(number).type === 'PoA' && number % this.epochSize !== 0;
  }

  /** The set that a PoA entry of the fork list puts in force at this height. @see polygon-edge@597a0f3 consensus/ibft/fork/hooks.go registerUpdateValidatorsHooks */
  replacedSet(number: number): readonly IbftValidator[] | undefined {
    const fork = ibftForkAt(this.forks, number);
    return fork?.type === 'PoA' && fork.from === number ? fork.validators : undefined;
  }

  /**
   * Whether the set at this height is read from the contract anew, which only execution can follow: at the start of a
   * PoS epoch, and of a PoS entry behind another. The first epoch's set is that of genesis.
   * @see polygon-edge@597a0f3 consensus/ibft/fork/storewrapper.go calculateContractStoreFetchingHeight
   */
  readsContract(number: number): boolean {
    const fork = this.forkAt(number);
    if (fork.type !== 'PoS' || number <= 1) return false;
    return fetchHeight(number, this.epochSize, fork.from) !== this.fetchHeightBefore(number);
  }

  /** Committed seals that a block of this height needs. @see polygon-edge@597a0f3 consensus/ibft/ibft.go quorumSize */
  quorum(number: number, validators: number): number {
    const faulty = Math.floor((validators - 1) / 3);
    if (number < this.quorumSizeBlockNum) return 2 * faulty + 1;
    return faulty === 0 ? validators : Math.ceil((2 * validators) / 3);
  }

  private fetchHeightBefore(number: number): number | undefined {
    const fork = this.forkAt(number - 1);
    return fork.type === 'PoS' ? fetchHeight(number - 1, this.epochSize, fork.from) : undefined;
  }
}

function fetchHeight(number: number, epochSize: number, forkFrom: number): number {
  const epochStart = Math.floor(number / epochSize) * epochSize;
  const height = epochStart > 0 ? epochStart - 1 : 0;
  if (height >= forkFrom) return height;
  return forkFrom > 0 ? forkFrom - 1 : 0;
}

import { bytesEqual } from '../../../../common/bytes.js';
import { BlockchainError } from '../../blockchain.errors.js';
import { EMPTY_UNCLES_HASH } from '../../codec/block.codec.js';
import { type IbftFork, ibftForkAt } from '../../genesis/chain-config.js';
import type { Consensus } from '../../ports/consensus.port.js';
import type { Header } from '../../ports/types.js';
import { decodeIbftExtra } from './extra.js';
import { type IbftSealKinds, ibftHeaderHash } from './header-hash.js';
import { recoverProposer } from './seals.js';

/**
 * The mixHash of every IBFT block: "ctical byzantine fault tolerance".
 * @see polygon-edge@597a0f3 consensus/ibft/signer/extra.go IstanbulDigest
 */
export const IBFT_MIX_HASH = new Uint8Array(Buffer.from('ctical byzantine fault tolerance', 'ascii'));

const NONCE_ADD = new Uint8Array(8).fill(0xff);
const NONCE_DROP = new Uint8Array(8);

/**
 * IBFT with validators of either kind, PoA and PoS, as the fork list says for each height.
 * @remarks Differs: the proposer is looked for in the set that the header itself claims; votes, committed seals and
 * parent seals are not verified.
 */
export class IbftConsensus implements Consensus {
  readonly engine = 'ibft';
  readonly verification = 'structure and proposer of the claimed set';
  private readonly forks: readonly IbftFork[];

  constructor(forks: readonly IbftFork[]) {
    this.forks = forks;
  }

  headerHash(header: Header): Uint8Array {
    return ibftHeaderHash(header, this.sealKinds(header.number));
  }

  /** @see polygon-edge@597a0f3 consensus/ibft/ibft.go verifyHeaderImpl */
  verifyHeader(header: Header, hash: Uint8Array): void {
    const { number } = header;
    if (!bytesEqual(header.mixHash, IBFT_MIX_HASH)) throw badHeader(number, 'invalid mixhash');
    if (!bytesEqual(header.sha3Uncles, EMPTY_UNCLES_HASH)) throw badHeader(number, 'invalid sha3 uncles');
    if (header.difficulty !== BigInt(number)) throw badHeader(number, 'wrong difficulty');
    const extra = decodeIbftExtra(header.extraData, { ...this.sealKinds(number), number });
    const proposer = recoverProposer(extra, hash);
    if (proposer === undefined) throw badSeal(number, 'invalid signature');
    if (!extra.validators.some(({ address }) => bytesEqual(address, proposer))) {
      throw badSeal(number, 'proposer seal by non-validator');
    }
    if (this.forkAt(number).type === 'PoA' && !isVote(header.nonce)) {
      throw badHeader(number, 'invalid nonce specified');
    }
  }

  private sealKinds(number: number): IbftSealKinds {
    const bls = this.forkAt(number).validatorType === 'bls';
    return { bls, parentBls: number > 1 ? this.forkAt(number - 1).validatorType === 'bls' : bls };
  }

  private forkAt(number: number): IbftFork {
    const fork = ibftForkAt(this.forks, number);
    if (fork === undefined) {
      throw new BlockchainError({ code: 'BLOCKCHAIN.BAD_EXTRA', number, reason: 'fork not found' });
    }
    return fork;
  }
}

/** @see polygon-edge@597a0f3 validators/store/snapshot/snapshot.go VerifyHeader */
function isVote(nonce: Uint8Array): boolean {
  return bytesEqual(nonce, NONCE_ADD) || bytesEqual(nonce, NONCE_DROP);
}

const badHeader = (number: number, reason: string) =>
  new BlockchainError({ code: 'BLOCKCHAIN.BAD_HEADER', number, reason });

const badSeal = (number: number, reason: string) =>
  new BlockchainError({ code: 'BLOCKCHAIN.BAD_SEAL', number, reason });

import { type Header, nextBaseFee } from '../../blockchain/index.js';
import type { TxPoolSetup } from '../txpool.config.js';

/** What holds for transactions of the block after the head. */
export interface NextBlockRules {
  readonly chainId: number;
  /** The head's; the next block's is near it. */
  readonly gasLimit: bigint;
  /** Wei per gas; 0 before London. */
  readonly baseFee: bigint;
  readonly isHomestead: boolean;
  readonly isEip155: boolean;
  readonly isEip158: boolean;
  readonly isIstanbul: boolean;
  readonly isLondon: boolean;
  readonly hashWithType: boolean;
  /** Whether typed transactions will be hashed in another way from some later block on. */
  readonly willHashWithType: boolean;
}

/**
 * @see polygon-edge@597a0f3 txpool/query.go SetBaseFee
 * @remarks Differs: the forks are those of the next block, where Go takes those of the head.
 */
export function nextBlockRules(
  head: Pick<Header, 'number' | 'gasLimit' | 'gasUsed' | 'baseFee'>,
  { chainId, forks, genesis }: TxPoolSetup,
): NextBlockRules {
  const number = head.number + 1;
  const hashWithType = forks.isActive('txHashWithType', number);
  return {
    chainId,
    gasLimit: head.gasLimit,
    baseFee: nextBaseFee(head, forks.isActive('london', head.number), {
      baseFee: genesis.baseFee,
      elasticity: genesis.baseFeeEM,
      changeDenominator: genesis.baseFeeChangeDenom,
    }),
    isHomestead: forks.isActive('homestead', number),
    isEip155: forks.isActive('EIP155', number),
    isEip158: forks.isActive('EIP158', number),
    isIstanbul: forks.isActive('istanbul', number),
    isLondon: forks.isActive('london', number),
    hashWithType,
    willHashWithType: !hashWithType && forks.blocks.has('txHashWithType'),
  };
}

import { AppError, assertNever } from '../../common/app-error.js';

export type TxPoolErrorDetail =
  | { code: 'TXPOOL.NO_HEAD' }
  | { code: 'TXPOOL.TOO_LARGE'; bytes: number; maxBytes: number }
  | { code: 'TXPOOL.UNDECODABLE'; reason: string }
  | { code: 'TXPOOL.UNKNOWN_TYPE'; type: number }
  | { code: 'TXPOOL.TYPE_REFUSED'; type: number }
  | { code: 'TXPOOL.BAD_SIGNATURE' }
  | { code: 'TXPOOL.OTHER_CHAIN'; ours: number; theirs: bigint }
  | { code: 'TXPOOL.WRONG_SENDER'; sender: string }
  | { code: 'TXPOOL.INIT_CODE_TOO_LARGE'; bytes: number; maxBytes: number }
  | { code: 'TXPOOL.TYPE_NOT_ACTIVE'; type: number }
  | { code: 'TXPOOL.DYNAMIC_NOT_ALLOWED' }
  | { code: 'TXPOOL.TIP_ABOVE_FEE_CAP' }
  | { code: 'TXPOOL.UNDERPRICED'; price: bigint; minPrice: bigint }
  | { code: 'TXPOOL.GAS_TOO_LOW'; gas: bigint; minGas: bigint }
  | { code: 'TXPOOL.GAS_TOO_HIGH'; gas: bigint; maxGas: bigint }
  | { code: 'TXPOOL.ALREADY_KNOWN'; hash: string }
  | { code: 'TXPOOL.REPLACEMENT_UNDERPRICED'; hash: string }
  | { code: 'TXPOOL.SENDER_FULL'; sender: string }
  | { code: 'TXPOOL.FULL' };

/** Why a transaction is not taken. The texts are those of the Go client where it has one. */
export class TxPoolError extends AppError<TxPoolErrorDetail> {
  constructor(detail: TxPoolErrorDetail, cause?: unknown) {
    super(detail, messageOf(detail), cause);
  }
}

/** @see polygon-edge@597a0f3 txpool/txpool.go ErrIntrinsicGas and those beside it */
function messageOf(detail: TxPoolErrorDetail): string {
  switch (detail.code) {
    case 'TXPOOL.NO_HEAD':
      return 'there is no block yet to judge transactions by';
    case 'TXPOOL.TOO_LARGE':
      return 'oversized data';
    case 'TXPOOL.UNDECODABLE':
      return `cannot parse RLP: ${detail.reason}`;
    case 'TXPOOL.UNKNOWN_TYPE':
      return `unknown transaction type: ${detail.type}`;
    case 'TXPOOL.TYPE_REFUSED':
      return `invalid tx type: type ${detail.type} rejected, state transactions are not expected to be added to the pool`;
    case 'TXPOOL.BAD_SIGNATURE':
      return 'cannot extract signature';
    case 'TXPOOL.OTHER_CHAIN':
      return `cannot extract signature: it is for chain ${detail.theirs}, not ${detail.ours}`;
    case 'TXPOOL.WRONG_SENDER':
      return 'invalid sender';
    case 'TXPOOL.INIT_CODE_TOO_LARGE':
      return 'max code size exceeded';
    case 'TXPOOL.TYPE_NOT_ACTIVE':
      return `transaction type not supported: type ${detail.type} rejected, london hardfork is not enabled`;
    case 'TXPOOL.DYNAMIC_NOT_ALLOWED':
      return 'dynamic tx not allowed currently';
    case 'TXPOOL.TIP_ABOVE_FEE_CAP':
      return 'max priority fee per gas higher than max fee per gas';
    case 'TXPOOL.UNDERPRICED':
      return 'transaction underpriced';
    case 'TXPOOL.GAS_TOO_LOW':
      return 'intrinsic gas too low';
    case 'TXPOOL.GAS_TOO_HIGH':
      return 'exceeds block gas limit';
    case 'TXPOOL.ALREADY_KNOWN':
      return 'already known';
    case 'TXPOOL.REPLACEMENT_UNDERPRICED':
      return 'replacement tx underpriced';
    case 'TXPOOL.SENDER_FULL':
      return 'maximum number of enqueued transactions reached';
    case 'TXPOOL.FULL':
      return 'txpool is full';
    default:
      return assertNever(detail);
  }
}

/** Whether nothing is wrong with the transaction, but for the room that there is here. */
export function lacksRoom({ code }: TxPoolErrorDetail): boolean {
  return code === 'TXPOOL.FULL' || code === 'TXPOOL.SENDER_FULL';
}

/**
 * Whether no block of this chain could ever have the transaction, so that whoever wrote it knew better. What other forks,
 * another head or a later version might allow is not among that.
 */
export function isInvalid({ code }: TxPoolErrorDetail): boolean {
  switch (code) {
    case 'TXPOOL.TOO_LARGE':
    case 'TXPOOL.UNDECODABLE':
    case 'TXPOOL.TYPE_REFUSED':
    case 'TXPOOL.BAD_SIGNATURE':
    case 'TXPOOL.OTHER_CHAIN':
    case 'TXPOOL.TIP_ABOVE_FEE_CAP':
      return true;
    case 'TXPOOL.NO_HEAD':
    case 'TXPOOL.UNKNOWN_TYPE':
    case 'TXPOOL.WRONG_SENDER':
    case 'TXPOOL.INIT_CODE_TOO_LARGE':
    case 'TXPOOL.TYPE_NOT_ACTIVE':
    case 'TXPOOL.DYNAMIC_NOT_ALLOWED':
    case 'TXPOOL.UNDERPRICED':
    case 'TXPOOL.GAS_TOO_LOW':
    case 'TXPOOL.GAS_TOO_HIGH':
    case 'TXPOOL.ALREADY_KNOWN':
    case 'TXPOOL.REPLACEMENT_UNDERPRICED':
    case 'TXPOOL.SENDER_FULL':
    case 'TXPOOL.FULL':
      return false;
    default:
      return assertNever(code);
  }
}

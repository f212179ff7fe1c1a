import type { MessageInitShape } from '@bufbuild/protobuf';
import { bigEndian, toHex } from '../../common/bytes.js';
import {
  type BlockHeaderSchema,
  type BlockSealsSchema,
  type BlockTransactionSchema,
  SetSource,
  type ValidatorSetSchema,
} from '../../gen/edgekeeper/v1/chain_pb.js';
import {
  type BlockSeals,
  decodeTransaction,
  type Header,
  type KnownSet,
  type RawTransaction,
  type Transaction,
  type TransactionFacts,
  TransactionType,
} from '../blockchain/index.js';

const TYPE_NAMES: Readonly<Record<Transaction['type'], string>> = {
  [TransactionType.LEGACY]: 'legacy',
  [TransactionType.DYNAMIC_FEE]: 'dynamic fee',
  [TransactionType.STATE]: 'state',
};

const SOURCES: Readonly<Record<KnownSet['source'], SetSource>> = {
  none: SetSource.UNSPECIFIED,
  genesis: SetSource.GENESIS,
  checkpoint: SetSource.CHECKPOINT,
  'replayed votes': SetSource.REPLAYED_VOTES,
  'set deltas': SetSource.SET_DELTAS,
  'trusted epoch': SetSource.TRUSTED_EPOCH,
};

export function toBlockHeader(header: Header): MessageInitShape<typeof BlockHeaderSchema> {
  return {
    parentHash: toHex(header.parentHash),
    sha3Uncles: toHex(header.sha3Uncles),
    miner: toHex(header.miner),
    stateRoot: toHex(header.stateRoot),
    transactionsRoot: toHex(header.txRoot),
    receiptsRoot: toHex(header.receiptsRoot),
    logsBloom: header.logsBloom,
    difficulty: header.difficulty,
    number: BigInt(header.number),
    gasLimit: header.gasLimit,
    gasUsed: header.gasUsed,
    timestamp: header.timestamp,
    extraData: header.extraData,
    mixHash: toHex(header.mixHash),
    nonce: header.nonce,
    baseFee: header.baseFee.toString(),
  };
}

export function toBlockTransaction(
  raw: RawTransaction,
  { hash, sender }: TransactionFacts,
): MessageInitShape<typeof BlockTransactionSchema> {
  const transaction = decodeTransaction(raw);
  const { type, to, nonce, gas, value, input, v, r, s } = transaction;
  return {
    hash: toHex(hash),
    type: TYPE_NAMES[type],
    from: sender ? toHex(sender) : '',
    to: to ? toHex(to) : '',
    ...{ nonce, gas, input },
    ...feesOf(transaction),
    value: value.toString(),
    v: v.toString(),
    r: withoutZeros(r),
    s: withoutZeros(s),
  };
}

function feesOf(transaction: Transaction): Partial<Record<'gasPrice' | 'gasTipCap' | 'gasFeeCap', string>> {
  if (transaction.type !== TransactionType.DYNAMIC_FEE) return { gasPrice: transaction.gasPrice.toString() };
  const { gasTipCap, gasFeeCap } = transaction;
  return { gasTipCap: gasTipCap.toString(), gasFeeCap: gasFeeCap.toString() };
}

const withoutZeros = (value: bigint) => (value === 0n ? new Uint8Array() : bigEndian(value));

export function toBlockSeals(seals: BlockSeals): MessageInitShape<typeof BlockSealsSchema> {
  const { round, proposer, committed, bitmap, hasParentSeals } = seals;
  return {
    proposer,
    committed: [...committed],
    parentSeals: hasParentSeals,
    ...(round === undefined ? {} : { round }),
    ...(bitmap === undefined ? {} : { bitmap }),
  };
}

export function toValidatorSet(
  number: number,
  engine: string,
  { validators, source }: KnownSet,
): MessageInitShape<typeof ValidatorSetSchema> {
  return {
    number: BigInt(number),
    engine,
    source: SOURCES[source],
    validators: validators.map(({ address, blsKey, votingPower }) => ({
      address: toHex(address),
      ...(blsKey && { blsKey }),
      ...(votingPower !== undefined && { votingPower: votingPower.toString() }),
    })),
  };
}

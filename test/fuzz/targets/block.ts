import { decodeBlock, rawUnclesOf } from '../../../src/modules/blockchain/codec/block.codec.js';
import { encodeHeader } from '../../../src/modules/blockchain/codec/header.codec.js';
import { decodeTransaction } from '../../../src/modules/blockchain/codec/transaction.codec.js';
import { encodeBytes, encodeList } from '../../../src/modules/blockchain/rlp/rlp.js';
import { recordedBlocks } from '../seeds.js';
import { accepted, expectSame, type FuzzTarget, type Target } from '../target.js';

const run: Target = (bytes) => {
  const decoded = accepted(() => decodeBlock(bytes));
  if (decoded === undefined) return;
  const transactions = decoded.transactions.flatMap((transaction) => {
    decodeTransaction(transaction);
    const { type, rlp } = transaction;
    return type === 0 ? [rlp] : [encodeBytes(Uint8Array.of(type)), rlp];
  });
  const parts = [encodeHeader(decoded.header), encodeList(transactions), rawUnclesOf(bytes)];
  expectSame(encodeList(parts), bytes);
};

export const block: FuzzTarget = { run, seeds: recordedBlocks() };

import { bytesEqual } from '../../../common/bytes.js';
import { BlockchainError } from '../blockchain.errors.js';
import { EMPTY_UNCLES_HASH, rawUnclesOf } from '../codec/block.codec.js';
import { type TransactionRules, transactionsRoot } from '../codec/transaction.codec.js';
import { keccak256 } from '../crypto/keccak.js';
import type { Rule } from '../ports/rules.js';
import type { Block, Header } from '../ports/types.js';

const GAS_LIMIT_BOUND_DIVISOR = 1_024n;

/**
 * What holds for every engine and needs no execution: the place in the chain, gas bounds, uncles and transactions.
 * @throws {BlockchainError} BLOCKCHAIN.UNKNOWN_PARENT | BLOCKCHAIN.BAD_SEQUENCE | BLOCKCHAIN.BAD_HEADER |
 * BLOCKCHAIN.BAD_BODY
 * @remarks Differs: in place of executing, gas used is held against what the transactions may use.
 * @see polygon-edge@597a0f3 blockchain/blockchain.go verifyBlockParent, verifyBlockBody
 */
export function verifyStructure(
  block: Block,
  parent: Header,
  parentHash: Uint8Array,
  rules: TransactionRules,
): void {
  verifyPlace(block.header, parent, parentHash);
  verifyBody(block, rules);
}

/**
 * A header's place in the chain, and its gas.
 * @throws {BlockchainError} BLOCKCHAIN.UNKNOWN_PARENT | BLOCKCHAIN.BAD_SEQUENCE | BLOCKCHAIN.BAD_HEADER
 */
export function verifyPlace(header: Header, parent: Header, parentHash: Uint8Array): void {
  const { number } = header;
  if (!bytesEqual(header.parentHash, parentHash)) {
    throw new BlockchainError({ code: 'BLOCKCHAIN.UNKNOWN_PARENT', number });
  }
  const expected = parent.number + 1;
  if (number !== expected) throw new BlockchainError({ code: 'BLOCKCHAIN.BAD_SEQUENCE', number, expected });
  verifyGas(header, parent);
}

/**
 * What a block's body must be for its header, whatever the parent.
 * @throws {BlockchainError} BLOCKCHAIN.BAD_BODY
 */
export function verifyBody(block: Block, rules: TransactionRules): void {
  const { header } = block;
  const { number } = header;
  if (!bytesEqual(unclesHash(rawUnclesOf(block.raw)), header.sha3Uncles)) {
    throw badBody(number, 'structure.uncles', 'invalid block sha3 uncles root');
  }
  if (!bytesEqual(transactionsRoot(block.transactions, rules), header.txRoot)) {
    throw badBody(number, 'structure.transactions-root', 'invalid block transactions root');
  }
  const most = block.transactions.reduce((sum, { gas }) => sum + gas, 0n);
  if (header.gasUsed > most) {
    throw badBody(number, 'structure.gas-sum', 'invalid block gas used');
  }
}

function unclesHash(uncles: Uint8Array): Uint8Array {
  return uncles.length === 1 ? EMPTY_UNCLES_HASH : keccak256(uncles);
}

/** @see polygon-edge@597a0f3 blockchain/blockchain.go verifyGasLimit */
function verifyGas(header: Header, parent: Header): void {
  const fail = (reason: string) =>
    new BlockchainError({
      code: 'BLOCKCHAIN.BAD_HEADER',
      number: header.number,
      rule: 'structure.gas-limit',
      reason: `invalid gas limit, ${reason}`,
    });
  if (header.gasUsed > header.gasLimit) {
    throw fail(`block gas used exceeds gas limit, limit = ${header.gasLimit}, used=${header.gasUsed}`);
  }
  const change = header.gasLimit - parent.gasLimit;
  const most = parent.gasLimit / GAS_LIMIT_BOUND_DIVISOR;
  if (change > most || -change > most) {
    throw fail(`invalid gas limit, limit = ${header.gasLimit}, want ${parent.gasLimit} +- ${most}`);
  }
}

const badBody = (number: number, rule: Rule, reason: string) =>
  new BlockchainError({ code: 'BLOCKCHAIN.BAD_BODY', number, rule, reason });

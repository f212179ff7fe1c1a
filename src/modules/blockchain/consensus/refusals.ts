import { BlockchainError } from '../blockchain.errors.js';
import type { Rule } from '../ports/rules.js';

/** What an engine says of a header that breaks a rule. */
export function badHeader(number: number, rule: Rule, reason: string, cause?: unknown): BlockchainError {
  return new BlockchainError({ code: 'BLOCKCHAIN.BAD_HEADER', number, rule, reason }, cause);
}

/** What an engine says of a header whose seals break a rule. */
export function badSeal(number: number, rule: Rule, reason: string): BlockchainError {
  return new BlockchainError({ code: 'BLOCKCHAIN.BAD_SEAL', number, rule, reason });
}

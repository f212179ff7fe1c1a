/**
 * Why a rule is there, and so what follows from a block that breaks it.
 * - `reference`: the Go client enforces it on sync; the block is refused.
 * - `canonical`: it pins bytes that no hash covers, of which honest nodes write one form; the block is refused.
 * - `anomaly`: only we check it; it is reported, and refuses the block when the chain is `strict`.
 */
export type RuleKind = 'reference' | 'canonical' | 'anomaly';

interface RuleText {
  readonly kind: RuleKind;
  readonly says: string;
}

const rule = (kind: RuleKind, says: string): RuleText => ({ kind, says });

/** Every rule for a header or a body beyond its encoding and its place in the chain; docs/verification.md lists them. */
export const RULES = {
  'structure.gas-limit': rule('reference', 'gas used is within the limit, which moves by at most a 1024th'),
  'structure.uncles': rule('reference', 'sha3Uncles is the hash of the uncles'),
  'structure.transactions-root': rule('reference', 'txRoot is the root over the transactions'),
  'structure.gas-sum': rule(
    'reference',
    'gas used is at most what the transactions may use, and 0 without any',
  ),

  'ibft.mix-hash': rule('reference', 'mixHash is the IBFT digest'),
  'ibft.no-uncles': rule('reference', 'there are no uncles'),
  'ibft.difficulty': rule('reference', 'difficulty is the height'),
  'ibft.nonce': rule('reference', 'on PoA the nonce is a vote: 8 bytes of ff or of 00'),
  'ibft.base-fee': rule('canonical', 'base fee, which the hash does not cover, is 0'),
  'ibft.idle-nonce': rule('canonical', 'on PoS, which has no votes, the nonce is zero'),
  'ibft.proposer-seal': rule('reference', 'the proposer seal is a signature'),
  'ibft.proposer-member': rule('reference', 'the proposer is of the set in force'),
  'ibft.committed-empty': rule('reference', 'there are committed seals'),
  'ibft.committed-signature': rule('reference', 'each committed seal is a signature over the proposal'),
  'ibft.committed-member': rule('reference', 'each committed seal is of a validator in force'),
  'ibft.committed-repeated': rule('reference', 'no validator has two committed seals'),
  'ibft.committed-quorum': rule('reference', 'the committed seals reach the quorum'),
  'ibft.parent-signature': rule('reference', 'parent seals, if any, are signatures over the parent'),
  'ibft.parent-member': rule('reference', 'parent seals are of the set in force at the parent'),
  'ibft.parent-repeated': rule('reference', 'no validator has two parent seals'),
  'ibft.parent-quorum': rule('reference', 'parent seals reach the quorum'),
  'ibft.seal-form': rule('canonical', 'a seal has v 0 or 1 and s in the lower half'),
  'ibft.vote-candidate': rule('reference', 'the miner of a vote is a candidate of the kind of this height'),
  'ibft.claimed-set': rule('anomaly', 'the set that the proposer writes is the one in force'),
  'ibft.proposer-turn': rule('anomaly', 'it was the proposer’s turn'),
  'ibft.timestamp': rule('anomaly', 'time is after the parent’s'),
  'ibft.vote-effect': rule('anomaly', 'a vote is to add who is out, or to drop who is in'),
  'ibft.trusted-epoch': rule('anomaly', 'a PoS set changes by what the contract says, which needs execution'),

  'polybft.vanity': rule('canonical', 'the vanity, which the hash does not cover, is zero'),
  'polybft.nonce': rule('reference', 'the nonce is zero'),
  'polybft.timestamp': rule('reference', 'time is after the parent’s'),
  'polybft.future': rule('reference', 'time is not further ahead than the drift allows'),
  'polybft.mix-hash': rule('reference', 'mixHash is the PolyBFT digest'),
  'polybft.difficulty': rule('reference', 'difficulty is more than 0'),
  'polybft.checkpoint': rule('reference', 'there is a checkpoint'),
  'polybft.epoch': rule('reference', 'the epoch is the parent’s or the next'),
  'polybft.set-hashes': rule('reference', 'neither hash of a set is zero'),
  'polybft.delta': rule('reference', 'the change of the set can be applied'),
  'polybft.committed-missing': rule('reference', 'there is a committed signature'),
  'polybft.committed-bitmap': rule('reference', 'the signers are of the set in force'),
  'polybft.committed-quorum': rule('reference', 'the signers hold the quorum of voting power'),
  'polybft.committed-aggregate': rule('reference', 'the aggregate is theirs, over the checkpoint'),
  'polybft.parent-missing': rule('reference', 'from block 2 on there is a parent signature'),
  'polybft.parent-bitmap': rule('reference', 'its signers are of the set in force at the parent'),
  'polybft.parent-quorum': rule('reference', 'its signers hold the quorum of voting power'),
  'polybft.parent-aggregate': rule('reference', 'it is theirs, over the parent’s checkpoint'),
  'polybft.current-set-hash': rule('anomaly', 'currentValidatorsHash is that of the set in force'),
  'polybft.next-set-hash': rule('anomaly', 'nextValidatorsHash is that of the set after this block'),
  'polybft.delta-place': rule('anomaly', 'a change of the set stands in the last block of an epoch'),
  'polybft.miner': rule('anomaly', 'the miner is of the set in force'),
  'polybft.base-fee': rule('anomaly', 'base fee follows from the parent'),
} as const satisfies Record<string, RuleText>;

/** The stable name of a rule; public, as part of an error's detail and of anomalies. */
export type Rule = keyof typeof RULES;

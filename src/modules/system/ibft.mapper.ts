import type { MessageInitShape } from '@bufbuild/protobuf';
import { fromHex, toHex } from '../../common/bytes.js';
import type { Candidate, CandidateSchema, SnapshotSchema } from '../../gen/v1/ibft_operator_pb.js';
import {
  type CandidateVote,
  encodeValidator,
  toChecksumAddress,
  type Validator,
  type ValidatorSnapshot,
} from '../blockchain/index.js';

/** A candidate whose address has been checked. */
export function toCandidateVote({ address, blsPubkey, auth }: Candidate): CandidateVote {
  const validator = { address: fromHex(address) ?? new Uint8Array() };
  return {
    validator: blsPubkey.length > 0 ? { ...validator, blsKey: blsPubkey } : validator,
    authorize: auth,
  };
}

export function toCandidate({
  validator: { address, blsKey },
  authorize,
}: CandidateVote): MessageInitShape<typeof CandidateSchema> {
  return { address: toChecksumAddress(address), auth: authorize, ...(blsKey && { blsPubkey: blsKey }) };
}

export function toSnapshot(snapshot: ValidatorSnapshot): MessageInitShape<typeof SnapshotSchema> {
  return {
    number: BigInt(snapshot.number),
    hash: toHex(snapshot.hash),
    validators: snapshot.validators.map((validator) => ({
      type: validator.blsKey === undefined ? 'ecdsa' : 'bls',
      address: toChecksumAddress(validator.address),
      data: encodeValidator(validator),
    })),
    votes: snapshot.votes.map(({ voter, validator, authorize }) => ({
      validator: toChecksumAddress(voter),
      proposed: textOf(validator),
      auth: authorize,
    })),
  };
}

/** @see polygon-edge@597a0f3 validators/bls.go BLSValidator.String */
function textOf({ address, blsKey }: Validator): string {
  const text = toChecksumAddress(address);
  return blsKey === undefined ? text : `${text}:${toHex(blsKey)}`;
}

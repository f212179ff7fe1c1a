import { SystemError } from './system.errors.js';

/**
 * Rules of the requests, kept beside the service. The quoted patterns are the Go client's texts.
 * @see polygon-edge@597a0f3 server/proto/system.proto
 * @remarks Differs: `PeersAddRequest.id` may also hold `:` so that IPv6 addresses pass.
 */
const ADDRESS = /^\/[A-Za-z0-9._~:-]+(\/[A-Za-z0-9._~:-]+)*$/;
const ADDRESS_TEXT = '"^\\\\/[A-Za-z0-9._~-]+(\\\\/[A-Za-z0-9._~-]+)*$"';
const PEER_ID = /^[A-Za-z0-9]{1,}$/;
const PEER_ID_TEXT = '"^[A-Za-z0-9]{1,}$"';
const VALIDATOR_ADDRESS = /^0x[a-fA-F0-9]{40}$/;
const VALIDATOR_ADDRESS_TEXT = '"^0x[a-fA-F0-9]{40}$"';
const MAX_ADDRESS_CHARACTERS = 1_024;
const MAX_PEER_ID_CHARACTERS = 128;

/** @throws {SystemError} SYSTEM.REQUEST_INVALID */
export function checkPeersAdd({ id }: { id: string }): void {
  check('PeersAddRequest.Id', id, ADDRESS, ADDRESS_TEXT, MAX_ADDRESS_CHARACTERS);
}

/** @throws {SystemError} SYSTEM.REQUEST_INVALID */
export function checkPeersStatus({ id }: { id: string }): void {
  check('PeersStatusRequest.Id', id, PEER_ID, PEER_ID_TEXT, MAX_PEER_ID_CHARACTERS);
}

/** @throws {SystemError} SYSTEM.REQUEST_INVALID */
export function checkCandidate({ address }: { address: string }): void {
  check('Candidate.Address', address, VALIDATOR_ADDRESS, VALIDATOR_ADDRESS_TEXT, MAX_ADDRESS_CHARACTERS);
}

/** @throws {SystemError} SYSTEM.EXPORT_RANGE_INVALID */
export function checkExport({ from, to }: { from: bigint; to: bigint }): void {
  if (to !== 0n && from >= to) throw new SystemError({ code: 'SYSTEM.EXPORT_RANGE_INVALID', from, to });
}

function check(
  field: string,
  value: string,
  pattern: RegExp,
  patternText: string,
  maxCharacters: number,
): void {
  if (value.length > maxCharacters) {
    const rule = `value length must be at most ${maxCharacters} runes`;
    throw new SystemError({ code: 'SYSTEM.REQUEST_INVALID', field, rule });
  }
  if (!pattern.test(value)) {
    const rule = `value does not match regex pattern ${patternText}`;
    throw new SystemError({ code: 'SYSTEM.REQUEST_INVALID', field, rule });
  }
}

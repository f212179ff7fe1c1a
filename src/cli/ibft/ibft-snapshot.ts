import { toHex } from '../../common/bytes.js';
import { operatorAddress } from '../../config/operator-address.js';
import { IbftOperator, type Snapshot, type Snapshot_Validator } from '../../gen/v1/ibft_operator_pb.js';
import { type CommandContext, usageError } from '../command-context.js';
import { type Given, textOf } from '../flags.js';
import { withService } from '../operator-client.js';
import { type CommandResult, keyValues, table } from '../output.js';
import { voteWord } from './ibft-candidates.js';

const BLS_KEY_BYTES = 48;

interface ShownValidator {
  readonly Address: string;
  readonly BLSPublicKey?: string;
}

/**
 * `ibft snapshot`: the validators and the votes at a block, or at the head.
 * @see polygon-edge@597a0f3 command/ibft/snapshot/result.go IBFTSnapshotResult
 */
export async function ibftSnapshot({ clock, env }: CommandContext, given: Given): Promise<CommandResult> {
  const number = textOf(given, 'number');
  if (!/^\d{0,19}$/.test(number)) throw usageError('--number: must be a whole number');
  const request = number === '' ? { latest: true } : { number: BigInt(number) };
  const node = operatorAddress(textOf(given, 'grpc-address'), env);
  const snapshot = await withService(IbftOperator, node, clock, (client) => client.getSnapshot(request));
  const validators = snapshot.validators.map(shown);
  return {
    text: textOfSnapshot(snapshot, validators),
    json: {
      number: snapshot.number,
      hash: snapshot.hash,
      votes: snapshot.votes.map(({ validator, proposed, auth }) => ({
        proposer: validator,
        address: proposed,
        vote: voteWord(auth),
      })),
      validators,
    },
  };
}

function textOfSnapshot({ number, hash, votes }: Snapshot, validators: readonly ShownValidator[]): string {
  const block = keyValues([
    ['Block', number],
    ['Hash', hash],
  ]);
  const voteRows = votes.map(({ validator, proposed, auth }) => [validator, proposed, voteWord(auth)]);
  const validatorRows = validators.map(({ Address, BLSPublicKey }) => [
    BLSPublicKey === undefined ? Address : `${Address}:${BLSPublicKey}`,
  ]);
  const sections = [
    `[IBFT SNAPSHOT]\n${block}`,
    `[VOTES]\n${voteRows.length > 0 ? table([['PROPOSER', 'ADDRESS', 'VOTE TO ADD'], ...voteRows]) : 'No votes found'}`,
    `[VALIDATORS]\n${validatorRows.length > 0 ? table([['ADDRESS'], ...validatorRows]) : 'No validators found'}`,
  ];
  return `\n${sections.join('\n\n')}\n`;
}

/** The key is the end of what the node gives as bytes. */
function shown({ type, address, data }: Snapshot_Validator): ShownValidator {
  return type === 'bls'
    ? { Address: address, BLSPublicKey: toHex(data.subarray(-BLS_KEY_BYTES)) }
    : { Address: address };
}

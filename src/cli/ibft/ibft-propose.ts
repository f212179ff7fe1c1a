import { fromHex } from '../../common/bytes.js';
import { operatorAddress } from '../../config/operator-address.js';
import { IbftOperator } from '../../gen/v1/ibft_operator_pb.js';
import { toChecksumAddress } from '../../modules/blockchain/index.js';
import { type CommandContext, usageError } from '../command-context.js';
import { type Given, textOf } from '../flags.js';
import { withService } from '../operator-client.js';
import type { CommandResult } from '../output.js';

/**
 * `ibft propose`: has the validators of a node vote.
 * @see polygon-edge@597a0f3 command/ibft/propose/params.go
 */
export async function ibftPropose({ clock, env }: CommandContext, given: Given): Promise<CommandResult> {
  const missing = ['addr', 'vote'].filter((flag) => given[flag] === undefined).map((flag) => `"${flag}"`);
  if (missing.length > 0) throw usageError(`required flag(s) ${missing.join(', ')} not set`);
  const vote = textOf(given, 'vote');
  if (vote !== 'auth' && vote !== 'drop') throw usageError('invalid vote type');
  const bytes = /^(0x)?[0-9a-fA-F]{40}$/.test(textOf(given, 'addr'))
    ? fromHex(textOf(given, 'addr'))
    : undefined;
  if (bytes === undefined) throw usageError('invalid address format');
  const blsPubkey = fromHex(textOf(given, 'bls'));
  if (blsPubkey === undefined) throw usageError('failed to parse BLS Public Key: not hex of whole bytes');
  const address = toChecksumAddress(bytes);
  const node = operatorAddress(textOf(given, 'grpc-address'), env);
  await withService(IbftOperator, node, clock, (client) =>
    client.propose({ address, blsPubkey, auth: vote === 'auth' }),
  );
  const message =
    vote === 'auth'
      ? `Successfully voted for the addition of address [${address}] to the validator set`
      : `Successfully voted for the removal of validator at address [${address}] from the validator set`;
  return { text: `\n[IBFT PROPOSE]\n${message}\n`, json: { message } };
}

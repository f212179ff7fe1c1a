import { operatorAddress } from '../../config/operator-address.js';
import { IbftOperator } from '../../gen/v1/ibft_operator_pb.js';
import type { CommandContext } from '../command-context.js';
import { type Given, textOf } from '../flags.js';
import { withService } from '../operator-client.js';
import { type CommandResult, keyValues } from '../output.js';

/** How a vote is shown. @see polygon-edge@597a0f3 command/ibft/helper/helper.go BoolToVote */
export const voteWord = (authorize: boolean): 'ADD' | 'REMOVE' => (authorize ? 'ADD' : 'REMOVE');

/**
 * `ibft candidates`: what a node still votes for.
 * @see polygon-edge@597a0f3 command/ibft/candidates/result.go IBFTCandidatesResult
 */
export async function ibftCandidates({ clock, env }: CommandContext, given: Given): Promise<CommandResult> {
  const node = operatorAddress(textOf(given, 'grpc-address'), env);
  const reply = await withService(IbftOperator, node, clock, (client) => client.candidates({}));
  const candidates = reply.candidates.map(({ address, auth }) => ({ address, vote: voteWord(auth) }));
  const rows = candidates.map(({ address, vote }): [string, string] => [address, vote]);
  const found = `Number of candidates: ${rows.length}\n\n${keyValues([['Address', 'Vote'], ...rows])}`;
  return {
    text: `\n[IBFT CANDIDATES]\n${rows.length === 0 ? 'No candidates found' : found}\n`,
    json: { candidates },
  };
}

import { operatorAddress } from '../../config/operator-address.js';
import { IbftOperator } from '../../gen/v1/ibft_operator_pb.js';
import type { CommandContext } from '../command-context.js';
import { type Given, textOf } from '../flags.js';
import { withService } from '../operator-client.js';
import { type CommandResult, keyValues } from '../output.js';

/** `ibft status`: the validator of a node. @see polygon-edge@597a0f3 command/ibft/status/result.go IBFTStatusResult */
export async function ibftStatus({ clock, env }: CommandContext, given: Given): Promise<CommandResult> {
  const address = operatorAddress(textOf(given, 'grpc-address'), env);
  const { key } = await withService(IbftOperator, address, clock, (client) => client.status({}));
  return {
    text: `\n[VALIDATOR STATUS]\n${keyValues([['Validator key', key]])}\n`,
    json: { validator_key: key },
  };
}

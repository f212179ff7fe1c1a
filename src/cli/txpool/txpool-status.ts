import { operatorAddress } from '../../config/operator-address.js';
import { TxnPoolOperator } from '../../gen/v1/txpool_operator_pb.js';
import type { CommandContext } from '../command-context.js';
import { type Given, textOf } from '../flags.js';
import { withService } from '../operator-client.js';
import { type CommandResult, keyValues } from '../output.js';

/** `txpool status`: how many transactions wait. @see polygon-edge@597a0f3 command/txpool/status/result.go TxPoolStatusResult */
export async function txpoolStatus({ clock, env }: CommandContext, given: Given): Promise<CommandResult> {
  const address = operatorAddress(textOf(given, 'grpc-address'), env);
  const { length } = await withService(TxnPoolOperator, address, clock, (client) => client.status({}));
  return {
    text: `\n[TXPOOL STATUS]\n${keyValues([['Number of transactions in pool:', length]])}\n`,
    json: { transactions: length },
  };
}

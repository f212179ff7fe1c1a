import { operatorAddress } from '../../config/operator-address.js';
import { Peers } from '../../gen/edgekeeper/v1/peers_pb.js';
import type { CommandContext } from '../command-context.js';
import { type Given, requiredText, textOf } from '../flags.js';
import { withService } from '../operator-client.js';
import { type CommandResult, keyValues } from '../output.js';

/** `peers unban`: lifts the ban of exactly that target. */
export async function peersUnban({ clock, env }: CommandContext, given: Given): Promise<CommandResult> {
  const target = requiredText(given, 'target');
  const node = operatorAddress(textOf(given, 'grpc-address'), env);
  await withService(Peers, node, clock, (client) =>
    client.unban({ target, reason: textOf(given, 'reason') }),
  );
  return { text: `\n[PEER UNBANNED]\n${keyValues([['Target', target]])}\n`, json: { target } };
}

import { operatorAddress } from '../config/operator-address.js';
import type { CommandContext } from './command-context.js';
import { type Given, requiredText, textOf } from './flags.js';
import { withPeers } from './operator-client.js';
import { type CommandResult, keyValues } from './output.js';

/** `peers unban`: lifts the ban of exactly that target. */
export async function peersUnban({ clock, env }: CommandContext, given: Given): Promise<CommandResult> {
  const target = requiredText(given, 'target');
  const node = operatorAddress(textOf(given, 'grpc-address'), env);
  await withPeers(node, clock, (client) => client.unban({ target, reason: textOf(given, 'reason') }));
  return { text: `\n[PEER UNBANNED]\n${keyValues([['Target', target]])}\n`, json: { target } };
}

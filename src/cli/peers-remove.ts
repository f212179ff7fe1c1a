import { operatorAddress } from '../config/operator-address.js';
import type { CommandContext } from './command-context.js';
import { type Given, requiredText, textOf } from './flags.js';
import { withPeers } from './operator-client.js';
import { type CommandResult, keyValues } from './output.js';

/** `peers remove`: closes the connections to a peer and gives up its dial. */
export async function peersRemove({ clock, env }: CommandContext, given: Given): Promise<CommandResult> {
  const peerId = requiredText(given, 'peer-id');
  const node = operatorAddress(textOf(given, 'grpc-address'), env);
  await withPeers(node, clock, (client) => client.remove({ peerId, reason: textOf(given, 'reason') }));
  return { text: `\n[PEER REMOVED]\n${keyValues([['ID', peerId]])}\n`, json: { id: peerId } };
}

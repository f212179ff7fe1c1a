import { operatorAddress } from '../../config/operator-address.js';
import { Peers } from '../../gen/edgekeeper/v1/peers_pb.js';
import type { CommandContext } from '../command-context.js';
import { type Given, requiredText, textOf } from '../flags.js';
import { withService } from '../operator-client.js';
import { type CommandResult, keyValues } from '../output.js';

/** `peers remove`: closes the connections to a peer and gives up its dial. */
export async function peersRemove({ clock, env }: CommandContext, given: Given): Promise<CommandResult> {
  const peerId = requiredText(given, 'peer-id');
  const node = operatorAddress(textOf(given, 'grpc-address'), env);
  await withService(Peers, node, clock, (client) =>
    client.remove({ peerId, reason: textOf(given, 'reason') }),
  );
  return { text: `\n[PEER REMOVED]\n${keyValues([['ID', peerId]])}\n`, json: { id: peerId } };
}

import { operatorAddress } from '../../config/operator-address.js';
import { Peers } from '../../gen/edgekeeper/v1/peers_pb.js';
import type { CommandContext } from '../command-context.js';
import { type Given, isOn, requiredText, textOf } from '../flags.js';
import { withService } from '../operator-client.js';
import { type CommandResult, keyValues } from '../output.js';

/** `peers trust`: gives a peer a reserved slot and never judges it, or ends that. */
export async function peersTrust({ clock, env }: CommandContext, given: Given): Promise<CommandResult> {
  const peerId = requiredText(given, 'peer-id');
  const revoke = isOn(given, 'revoke', false);
  const node = operatorAddress(textOf(given, 'grpc-address'), env);
  await withService(Peers, node, clock, (client) =>
    client.trust({ peerId, revoke, reason: textOf(given, 'reason') }),
  );
  const rows = keyValues([
    ['ID', peerId],
    ['Trusted', String(!revoke)],
  ]);
  return { text: `\n[PEER TRUST]\n${rows}\n`, json: { id: peerId, trusted: !revoke } };
}

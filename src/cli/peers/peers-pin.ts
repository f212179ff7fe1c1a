import { operatorAddress } from '../../config/operator-address.js';
import { Peers } from '../../gen/edgekeeper/v1/peers_pb.js';
import type { CommandContext } from '../command-context.js';
import { type Given, isOn, requiredText, textOf } from '../flags.js';
import { withService } from '../operator-client.js';
import { type CommandResult, keyValues } from '../output.js';
import { inOneLine } from '../value-texts.js';

/** `peers pin`: gives a peer a reserved slot and dials it for as long as it is away, or ends that. */
export async function peersPin({ clock, env }: CommandContext, given: Given): Promise<CommandResult> {
  const address = requiredText(given, 'addr');
  const revoke = isOn(given, 'revoke', false);
  const node = operatorAddress(textOf(given, 'grpc-address'), env);
  await withService(Peers, node, clock, (client) =>
    client.pin({ address, revoke, reason: textOf(given, 'reason') }),
  );
  const rows = keyValues([
    ['Address', inOneLine(address)],
    ['Pinned', String(!revoke)],
  ]);
  return { text: `\n[PEER PIN]\n${rows}\n`, json: { address, pinned: !revoke } };
}

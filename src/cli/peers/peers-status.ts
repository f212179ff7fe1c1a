import { operatorAddress } from '../../config/operator-address.js';
import { System } from '../../gen/v1/system_pb.js';
import { type CommandContext, usageError } from '../command-context.js';
import { type Given, textOf } from '../flags.js';
import { withService } from '../operator-client.js';
import { type CommandResult, goNullable, goSlice, keyValues } from '../output.js';

/**
 * `peers status`: what a node knows of a peer ID, connected or not.
 * @see polygon-edge@597a0f3 command/peers/status/result.go PeersStatusResult
 */
export async function peersStatus({ clock, env }: CommandContext, given: Given): Promise<CommandResult> {
  const peerId = given['peer-id'];
  if (peerId === undefined) throw usageError('required flag(s) "peer-id" not set');
  const address = operatorAddress(textOf(given, 'grpc-address'), env);
  const peer = await withService(System, address, clock, (client) =>
    client.peersStatus({ id: String(peerId) }),
  );
  const rows = keyValues([
    ['ID', peer.id],
    ['Protocols', goSlice(peer.protocols)],
    ['Addresses', goSlice(peer.addrs)],
  ]);
  return {
    text: `\n[PEER STATUS]\n${rows}\n`,
    json: { id: peer.id, protocols: goNullable(peer.protocols), addresses: goNullable(peer.addrs) },
  };
}

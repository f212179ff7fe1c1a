import { operatorAddress } from '../../config/operator-address.js';
import { Peers } from '../../gen/edgekeeper/v1/peers_pb.js';
import { System } from '../../gen/v1/system_pb.js';
import type { CommandContext } from '../command-context.js';
import { type Given, isOn, textOf } from '../flags.js';
import { withService } from '../operator-client.js';
import { type CommandResult, keyValues } from '../output.js';
import { peersDetails } from './peers-details.js';

/**
 * `peers list`: the peers whose handshake is done; with `--details` also what only our node tells of them.
 * @see polygon-edge@597a0f3 command/peers/list/result.go PeersListResult
 */
export async function peersList({ clock, env }: CommandContext, given: Given): Promise<CommandResult> {
  const address = operatorAddress(textOf(given, 'grpc-address'), env);
  if (isOn(given, 'details', false)) {
    return peersDetails((await withService(Peers, address, clock, (client) => client.list({}))).peers);
  }
  const reply = await withService(System, address, clock, (client) => client.peersList({}));
  const peers = reply.peers.map(({ id }) => id);
  const body =
    peers.length === 0
      ? 'No peers found'
      : `Number of peers: ${peers.length}\n\n${keyValues(peers.map((id, at) => [`[${at}]`, id]))}`;
  return { text: `\n[PEERS LIST]\n${body}\n`, json: { peers } };
}

import { operatorAddress } from '../../config/operator-address.js';
import { System } from '../../gen/v1/system_pb.js';
import { type CommandContext, usageError } from '../command-context.js';
import { type Given, isOn, textOf } from '../flags.js';
import { withService } from '../operator-client.js';
import { type CommandResult, keyValues, list } from '../output.js';
import { rpcErrorOf } from '../rpc-error.js';
import { peersAddAndWait } from './peers-add-wait.js';

/**
 * `peers add`: asks the node to dial peers. It only queues them; addresses that the node refuses are listed. With
 * `--wait`, which is ours, it waits for what comes of it.
 * @see polygon-edge@597a0f3 command/peers/add/result.go PeersAddResult
 * @remarks Differs: a node that cannot be reached fails the command, where Go lists that once per address; a refused
 * address makes the exit code 1, where Go exits with 0.
 */
export async function peersAdd(context: CommandContext, given: Given): Promise<CommandResult> {
  const addresses = [given.addr ?? []].flat().map(String);
  if (addresses.length === 0) throw usageError('at least 1 peer address is required');
  if (isOn(given, 'wait', false)) return peersAddAndWait(context, given, addresses);
  if (given.timeout !== undefined) throw usageError('--timeout needs --wait');
  const { clock, env } = context;
  const node = operatorAddress(textOf(given, 'grpc-address'), env);
  const peers: string[] = [];
  const errors: string[] = [];
  await withService(System, node, clock, async (client) => {
    for (const id of addresses) {
      try {
        await client.peersAdd({ id });
        peers.push(id);
      } catch (error) {
        const failure = rpcErrorOf(error, `${node.host}:${node.port}`);
        if (!(failure instanceof Error)) throw failure;
        errors.push(failure.message);
      }
    }
  });
  const sections = [
    `\n[PEERS ADDED]\n${keyValues([
      ['Peers listed', addresses.length],
      ['Peers added', peers.length],
    ])}`,
    ...(peers.length > 0 ? [`[LIST OF ADDED PEERS]\n${list(peers)}`] : []),
    ...(errors.length > 0 ? [`[ERRORS]\n${list(errors)}`] : []),
  ];
  return {
    text: `${sections.join('\n\n')}\n`,
    json: { num_requested: addresses.length, num_added: peers.length, peers, errors },
    failed: errors.length > 0,
  };
}

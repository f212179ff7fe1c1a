import { operatorAddress } from '../../config/operator-address.js';
import { Peers } from '../../gen/edgekeeper/v1/peers_pb.js';
import type { CommandContext } from '../command-context.js';
import { type Given, requiredText, textOf } from '../flags.js';
import { withService } from '../operator-client.js';
import type { CommandResult } from '../output.js';
import { spanMs } from '../value-texts.js';
import { banJson, banRows } from './peers-bans.js';

/** `peers ban`: refuses a peer, an IP address or a network, and closes the connections that fall under it. */
export async function peersBan({ clock, env }: CommandContext, given: Given): Promise<CommandResult> {
  const target = requiredText(given, 'target');
  const ttlMs = given.ttl === undefined ? 0n : spanMs('ttl', textOf(given, 'ttl'));
  const node = operatorAddress(textOf(given, 'grpc-address'), env);
  const { ban } = await withService(Peers, node, clock, (client) =>
    client.ban({ target, ttlMs, reason: textOf(given, 'reason') }),
  );
  if (ban === undefined) throw new Error('the node did not say what it banned');
  return { text: `\n[PEER BANNED]\n${banRows(ban)}\n`, json: banJson(ban) };
}

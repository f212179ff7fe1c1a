import { operatorAddress } from '../../config/operator-address.js';
import { type Ban, Peers } from '../../gen/edgekeeper/v1/peers_pb.js';
import type { CommandContext } from '../command-context.js';
import { type Given, textOf } from '../flags.js';
import { withService } from '../operator-client.js';
import { type CommandResult, keyValues } from '../output.js';
import { inOneLine, momentText } from '../value-texts.js';

/** `peers bans`: the bans that hold. */
export async function peersBans({ clock, env }: CommandContext, given: Given): Promise<CommandResult> {
  const node = operatorAddress(textOf(given, 'grpc-address'), env);
  const { bans } = await withService(Peers, node, clock, (client) => client.listBans({}));
  const body = bans.length === 0 ? 'No bans found' : bans.map(banRows).join('\n\n');
  return { text: `\n[PEER BANS]\n${body}\n`, json: { bans: bans.map(banJson) } };
}

/** A ban as rows. */
export function banRows({ target, sinceMs, untilMs, reason, by }: Ban): string {
  return keyValues([
    ['Target', target],
    ['Since', momentText(sinceMs)],
    ['Until', untilMs === 0n ? 'it is lifted' : momentText(untilMs)],
    ['Reason', inOneLine(reason)],
    ['By', inOneLine(by)],
  ]);
}

export function banJson({ target, sinceMs, untilMs, reason, by }: Ban): Record<string, unknown> {
  return { target, since_ms: sinceMs, until_ms: untilMs, reason, by };
}

import { operatorAddress } from '../../config/operator-address.js';
import { type EffectiveSetting, Node } from '../../gen/edgekeeper/v1/node_pb.js';
import type { CommandContext } from '../command-context.js';
import { type Given, textOf } from '../flags.js';
import { withService } from '../operator-client.js';
import { type CommandResult, keyValues } from '../output.js';
import { inOneLine } from '../value-texts.js';

/** `node config`: every setting as it holds, and who set it. The node itself hides what is secret. */
export async function nodeConfig({ clock, env }: CommandContext, given: Given): Promise<CommandResult> {
  const address = operatorAddress(textOf(given, 'grpc-address'), env);
  const { settings } = await withService(Node, address, clock, (client) => client.configuration({}));
  return {
    text: `\n[NODE CONFIGURATION]\n${keyValues(settings.map(row))}\n`,
    json: { settings: settings.map(({ path, value, origin }) => ({ path, value: jsonOf(value), origin })) },
  };
}

function row({ path, value, origin }: EffectiveSetting): [string, string] {
  return [path, inOneLine(`${value || 'not set'} (${origin})`)];
}

/** `null` when it is not set; what is no JSON stands as text, as the `***` of a secret does. */
function jsonOf(text: string): unknown {
  if (text === '') return null;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

import { operatorAddress } from '../../config/operator-address.js';
import { type LimitRow, Node } from '../../gen/edgekeeper/v1/node_pb.js';
import type { CommandContext } from '../command-context.js';
import { type Given, textOf } from '../flags.js';
import { withService } from '../operator-client.js';
import { type CommandResult, table } from '../output.js';
import { bytesText, inOneLine } from '../value-texts.js';

const HEADINGS = ['LIMIT', 'USED', 'OF', 'REFUSED', 'UNIT'];

/** `node limits`: what is held of what peers share, and what was refused since the node began. */
export async function nodeLimits({ clock, env }: CommandContext, given: Given): Promise<CommandResult> {
  const address = operatorAddress(textOf(given, 'grpc-address'), env);
  const { rows } = await withService(Node, address, clock, (client) => client.limits({}));
  return {
    text: `\n[NODE LIMITS]\n${table([HEADINGS, ...rows.map(cells)])}\n`,
    json: {
      limits: rows.map(({ name, used, limit, refused, unit }) => ({
        ...{ name, used, limit: limit === 0n ? null : limit, refused, unit },
      })),
    },
  };
}

function cells({ name, used, limit, refused, unit }: LimitRow): string[] {
  const amount = (value: bigint) => (unit === 'bytes' ? bytesText(value) : String(value));
  const most = limit === 0n ? 'no limit' : amount(limit);
  return [name, amount(used), most, String(refused), unit].map(inOneLine);
}

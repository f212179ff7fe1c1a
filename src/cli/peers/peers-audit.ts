import { operatorAddress } from '../../config/operator-address.js';
import { type AuditResponse_Entry, Peers } from '../../gen/edgekeeper/v1/peers_pb.js';
import { type CommandContext, usageError } from '../command-context.js';
import { type Given, textOf } from '../flags.js';
import { withService } from '../operator-client.js';
import { type CommandResult, table } from '../output.js';
import { inOneLine, momentText } from '../value-texts.js';

const HEADINGS = ['AT', 'ACTION', 'TARGET', 'BY', 'REASON'];
/** As many as a node keeps. */
const MAX_ENTRIES = 1_000;

/** `peers audit`: who banned, removed, trusted or pinned whom, newest first. */
export async function peersAudit({ clock, env }: CommandContext, given: Given): Promise<CommandResult> {
  const limit = limitOf(given);
  const node = operatorAddress(textOf(given, 'grpc-address'), env);
  const { entries } = await withService(Peers, node, clock, (client) => client.audit({ limit }));
  const body = entries.length === 0 ? 'No acts found' : table([HEADINGS, ...entries.map(row)]);
  return {
    text: `\n[PEER AUDIT]\n${body}\n`,
    json: {
      entries: entries.map(({ atMs, action, target, by, reason }) => ({
        at_ms: atMs,
        ...{ action, target, by, reason },
      })),
    },
  };
}

/** 0: all. */
function limitOf(given: Given): number {
  if (given.limit === undefined) return 0;
  const text = textOf(given, 'limit');
  const limit = /^\d{1,4}$/.test(text) ? Number(text) : 0;
  if (limit < 1 || limit > MAX_ENTRIES) throw usageError(`--limit takes 1 to ${MAX_ENTRIES}`);
  return limit;
}

function row({ atMs, action, target, by, reason }: AuditResponse_Entry): string[] {
  return [momentText(atMs), ...[action, target, by].map(inOneLine), inOneLine(reason) || '-'];
}

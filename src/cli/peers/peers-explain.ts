import { operatorAddress } from '../../config/operator-address.js';
import { type ExplainPeerResponse_Answer, Peers } from '../../gen/edgekeeper/v1/peers_pb.js';
import type { CommandContext } from '../command-context.js';
import { type Given, requiredText, textOf } from '../flags.js';
import { withService } from '../operator-client.js';
import type { CommandResult } from '../output.js';
import { inOneLine } from '../value-texts.js';

/** `peers explain`: why a peer is not connected, banned, or not what blocks are read from. */
export async function peersExplain({ clock, env }: CommandContext, given: Given): Promise<CommandResult> {
  const peerId = requiredText(given, 'peer-id');
  const node = operatorAddress(textOf(given, 'grpc-address'), env);
  const reply = await withService(Peers, node, clock, (client) => client.explain({ peerId }));
  const { connection, ban, syncSource } = reply;
  const answers = [
    ['Connected', connection],
    ['Banned', ban],
    ['Sync source', syncSource],
  ] as const;
  const sections = answers.map(([title, answer]) => `${title}: ${rows(answer)}`);
  return {
    text: `\n[PEER EXPLAINED]\n${peerId}\n${inOneLine(reply.summary)}\n\n${sections.join('\n\n')}\n`,
    json: {
      id: peerId,
      summary: reply.summary,
      connection: json(connection),
      ban: json(ban),
      sync_source: json(syncSource),
    },
  };
}

/** Each cause below what it led to. */
function rows(answer: ExplainPeerResponse_Answer | undefined): string {
  const causes = answer?.causes.map(({ code, text }, depth) => {
    const arrow = depth === 0 ? '' : `${'  '.repeat(depth - 1)}└ `;
    return `  ${arrow}${inOneLine(text)} [${inOneLine(code)}]`;
  });
  return [answer?.yes ? 'yes' : 'no', ...(causes ?? [])].join('\n');
}

function json(answer: ExplainPeerResponse_Answer | undefined) {
  const { yes = false, summary = '', causes = [] } = answer ?? {};
  return {
    yes,
    summary,
    causes: causes.map(({ code, text, atMs, subject }) => ({ code, text, at_ms: atMs, subject })),
  };
}

import { operatorAddress } from '../../config/operator-address.js';
import { Activity, Node } from '../../gen/edgekeeper/v1/node_pb.js';
import { type CommandContext, usageError } from '../command-context.js';
import { type Given, textOf } from '../flags.js';
import { withService } from '../operator-client.js';
import { type CommandResult, keyValues } from '../output.js';

const NAMES: Readonly<Record<string, Activity>> = {
  discovery: Activity.DISCOVERY,
  sync: Activity.SYNC,
  gossip: Activity.GOSSIP,
};

/** `node pause`: has a node leave what `--activity` names, or all. */
export function nodePause(context: CommandContext, given: Given): Promise<CommandResult> {
  return change(context, given, 'pause');
}

/** `node resume`: has it go on. */
export function nodeResume(context: CommandContext, given: Given): Promise<CommandResult> {
  return change(context, given, 'resume');
}

async function change(
  { clock, env }: CommandContext,
  given: Given,
  method: 'pause' | 'resume',
): Promise<CommandResult> {
  const address = operatorAddress(textOf(given, 'grpc-address'), env);
  const activities = activitiesOf(given.activity);
  const reply = await withService(Node, address, clock, (client) => client[method]({ activities }));
  const paused = activityNames(reply.paused);
  return { text: `\n[NODE]\n${keyValues([['Paused', paused.join(', ')]])}`, json: { paused } };
}

/** Activities by the names that operators use. */
export function activityNames(activities: readonly Activity[]): string[] {
  return Object.keys(NAMES).filter((name) => activities.some((each) => each === NAMES[name]));
}

function activitiesOf(given: Given[string] | undefined): Activity[] {
  const names = given === undefined ? [] : Array.isArray(given) ? given : [given];
  return names.map((name) => {
    const activity = NAMES[String(name)];
    if (activity === undefined) throw usageError(`--activity takes ${Object.keys(NAMES).join(', ')}`);
    return activity;
  });
}

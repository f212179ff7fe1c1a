import { operatorAddress } from '../../config/operator-address.js';
import { LogLevel, type LogLevels, Node } from '../../gen/edgekeeper/v1/node_pb.js';
import { type CommandContext, usageError } from '../command-context.js';
import { type Given, textOf } from '../flags.js';
import { withService } from '../operator-client.js';
import { type CommandResult, keyValues } from '../output.js';
import { inOneLine } from '../value-texts.js';
import { levelOf, WRITTEN_LEVELS } from './log-levels.js';

/** Has a module go by the level for all again. */
const DEFAULT = 'default';

/** `node log-level`: which lines a node writes to its log file; with `--level` it is changed first. */
export async function nodeLogLevel({ clock, env }: CommandContext, given: Given): Promise<CommandResult> {
  const change = changeOf(given);
  const address = operatorAddress(textOf(given, 'grpc-address'), env);
  const levels = await withService(Node, address, clock, (client) =>
    change === undefined ? client.getLogLevels({}) : client.setLogLevel(change),
  );
  return resultOf(levels);
}

function changeOf(given: Given): { level: LogLevel; module: string } | undefined {
  const module = textOf(given, 'module');
  if (given.level === undefined) {
    if (given.module === undefined) return undefined;
    throw usageError('--module needs --level');
  }
  const name = textOf(given, 'level');
  if (name === DEFAULT) {
    if (module === '') throw usageError(`--level ${DEFAULT} needs --module`);
    return { level: LogLevel.UNSPECIFIED, module };
  }
  const level = levelOf(WRITTEN_LEVELS, name);
  if (level === undefined) {
    throw usageError(`--level takes ${Object.keys(WRITTEN_LEVELS).join(', ')}, and ${DEFAULT} for a module`);
  }
  return { level, module };
}

function resultOf({ all, modules }: LogLevels): CommandResult {
  const byModule = Object.entries(modules).sort(([a], [b]) => (a < b ? -1 : 1));
  const differing = byModule.map(([module, level]): [string, string] => [inOneLine(module), nameOf(level)]);
  return {
    text: `\n[LOG LEVELS]\n${keyValues([['all', nameOf(all)], ...differing])}\n`,
    json: { all: nameOf(all), modules: Object.fromEntries(differing) },
  };
}

/** The number of a level that a later node knows. */
function nameOf(level: LogLevel): string {
  const known = Object.entries(WRITTEN_LEVELS).find(([, value]) => value === level);
  return known?.[0] ?? String(level);
}

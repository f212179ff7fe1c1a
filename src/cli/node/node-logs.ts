import { formatLogLine, type LogLevel as LineLevel } from '../../common/log-line.js';
import { operatorAddress } from '../../config/operator-address.js';
import { type LogEntry, LogLevel, Node } from '../../gen/edgekeeper/v1/node_pb.js';
import { type CommandContext, usageError } from '../command-context.js';
import { type Given, textOf } from '../flags.js';
import { withService } from '../operator-client.js';
import { toJson } from '../output.js';
import { ENTRY_LEVELS, levelOf } from './log-levels.js';

/** `node logs`: prints what a node says, one line for each, until it is interrupted. */
export async function nodeLogs({ io, clock, env }: CommandContext, given: Given): Promise<void> {
  const address = operatorAddress(textOf(given, 'grpc-address'), env);
  const recent = textOf(given, 'recent') || '0';
  if (!/^\d{1,4}$/.test(recent)) throw usageError('--recent needs a number up to 1000');
  const request = {
    leastLevel: leastLevel(textOf(given, 'level')),
    module: textOf(given, 'module'),
    code: textOf(given, 'code'),
    recent: Number(recent),
  };
  const signal = io.interruption();
  await withService(Node, address, clock, async (client) => {
    try {
      for await (const entry of client.logs(request, { signal })) {
        io.stdout(given.json === undefined ? lineOf(entry) : `${toJson(jsonOf(entry))}\n`);
      }
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  });
}

function leastLevel(name: string): LogLevel {
  const level = name === '' ? LogLevel.INFO : levelOf(ENTRY_LEVELS, name);
  if (level === undefined) throw usageError(`--level takes ${Object.keys(ENTRY_LEVELS).join(', ')}`);
  return level;
}

function lineOf({ atMs, level, module, message, fields }: LogEntry): string {
  return formatLogLine(Number(atMs), nameOf(level), module, message, fields);
}

function jsonOf({ atMs, level, module, message, fields }: LogEntry): Record<string, unknown> {
  return { at_ms: atMs, level: nameOf(level), module, message, fields };
}

function nameOf(level: LogLevel): LineLevel {
  return (Object.keys(ENTRY_LEVELS) as LineLevel[]).find((name) => ENTRY_LEVELS[name] === level) ?? 'info';
}

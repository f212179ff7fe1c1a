import { loadSettings } from '../../config/load.js';
import { type CommandContext, runUntilStopped } from '../command-context.js';
import type { Given } from '../flags.js';

/**
 * `server`: runs a node until it is told to stop.
 * @throws {ConfigError} CONFIG.INVALID with all faults at once
 */
export async function server(context: CommandContext, given: Given): Promise<void> {
  // As in Go the old name of --grpc-address wins when both are given.
  const { grpc, ...rest } = given;
  const flags = grpc === undefined ? rest : { ...rest, 'grpc-address': grpc };
  const loaded = loadSettings({ flags, needsChainFile: true, ...(context.env && { env: context.env }) });
  await runUntilStopped(context, loaded);
}

import { SilentLogger } from '../../common/logger.port.js';
import { loadSettings } from '../../config/load.js';
import { proveStored } from '../../modules/blockchain/index.js';
import { readChainFile } from '../../node/read-chain-file.js';
import { type CommandContext, usageError } from '../command-context.js';
import { type Given, isOn, textOf } from '../flags.js';
import type { CommandResult } from '../output.js';

/**
 * `prove`: the proof of a header (`--block`) or of a transaction (`--transaction`, its position in the block), from the store
 * of a data folder, as JSON for `edgekeeper/verifier`.
 */
export async function prove(context: CommandContext, given: Given): Promise<CommandResult> {
  const { block: _, transaction, from, full, ...flags } = given;
  const { settings } = loadSettings({
    flags,
    needsChainFile: true,
    ...(context.env && { env: context.env }),
  });
  const subject = {
    number: heightOf(given, 'block'),
    full: isOn(given, 'full', false),
    ...(transaction === undefined ? {} : { index: heightOf(given, 'transaction') }),
    ...(from === undefined ? {} : { from: heightOf(given, 'from') }),
  };
  const chain = await readChainFile(settings.node.chainPath);
  const options = { chain, config: settings.blockchain, log: new SilentLogger() };
  const proof = await proveStored(settings.node.dataDir, subject, options);
  return { text: JSON.stringify(proof, undefined, 2), json: proof };
}

function heightOf(given: Given, flag: string): number {
  const text = textOf(given, flag);
  if (!/^\d{1,15}$/.test(text)) throw usageError(`--${flag} needs a number from 0`);
  return Number(text);
}

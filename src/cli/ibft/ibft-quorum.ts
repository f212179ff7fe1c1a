import { type CommandContext, usageError } from '../command-context.js';
import { type Given, requiredText, textOf } from '../flags.js';
import { GENESIS_DEFAULTS } from '../genesis/genesis-defaults.js';
import { MAX_NUMBER, syntax } from '../genesis/genesis-flags.js';
import { goUint64 } from '../go-values.js';
import { type CommandResult, keyValues } from '../output.js';
import { editIbft } from './edit-genesis.js';

const MISSING = '"ibft" setting doesn\'t exist in "engine" of genesis.json\'';

/**
 * `ibft quorum`: from which block on a genesis file has ceil(2N/3) validators seal, in place of 2F+1.
 * @see polygon-edge@597a0f3 command/ibft/quorum/params.go appendIBFTQuorum
 */
export async function ibftQuorum(_: CommandContext, given: Given): Promise<CommandResult> {
  const from = heightOf(requiredText(given, 'from'));
  const chain = textOf(given, 'chain') || GENESIS_DEFAULTS.dir;
  await editIbft(chain, MISSING, (ibft) => ({ ...ibft, quorumSizeBlockNum: Number(from) }));
  const rows = keyValues([
    ['Chain', chain],
    ['From', from],
  ]);
  return {
    text: `\n[NEW IBFT QUORUM START]\n${rows}\n`,
    json: { chain, from: `0x${from.toString(16)}` },
  };
}

function heightOf(text: string): bigint {
  const failed = (reason: string) => usageError(`invalid argument "${text}" for "--from" flag: ${reason}`);
  const height = goUint64(text);
  if (height === undefined) throw failed(syntax(text));
  if (height > MAX_NUMBER) throw failed('must be below 2^53');
  return height;
}

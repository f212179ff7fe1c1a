import { errorText } from '../../common/app-error.js';
import { osErrorCode, osErrorText } from '../../common/os-error.js';
import { writeNewFile } from '../../config/write-new-file.js';
import { ibftGenesisFile } from '../../modules/blockchain/index.js';
import { parseChainText } from '../../node/read-chain-file.js';
import { type CommandContext, usageError } from '../command-context.js';
import { type Given, textOf } from '../flags.js';
import { type CommandResult, escapeAsGo } from '../output.js';
import { GENESIS_DEFAULTS } from './genesis-defaults.js';
import { genesisPlan } from './genesis-plan.js';

/** @see polygon-edge@597a0f3 helper/common/common.go IBFTImportantNotice */
const NOTICE = `
***** IMPORTANT NOTICE: IBFT consensus protocol is about to be removed from the Edge in the following release. *****
Please migrate to the PolyBFT protocol and plan your activities accordingly.
More information on how to execute the migration process can be found here(https://wiki.polygon.technology/docs/edge/operate/ibft-to-polybft/).
`;
const INDENT = 4;
const FILE_MODE = 0o660;

/**
 * `genesis`: writes the genesis file of a new IBFT chain whose validators vote on each other, byte for byte as the Go
 * client does.
 * @see polygon-edge@597a0f3 command/genesis/genesis.go runCommand
 * @remarks Differs: with --json the notice goes to stderr, so that stdout is JSON.
 */
export async function genesis({ io, random }: CommandContext, given: Given): Promise<CommandResult> {
  const path = textOf(given, 'dir') || GENESIS_DEFAULTS.dir;
  const plan = await genesisPlan(given, path, random);
  const content = escapeAsGo(JSON.stringify(ibftGenesisFile(plan), null, INDENT));
  try {
    // What `server` would refuse is not written.
    parseChainText(content);
  } catch (error) {
    throw usageError(errorText(error));
  }
  await write(path, content);
  if (given.json === undefined) io.stdout(NOTICE);
  else io.stderr(NOTICE);
  const message = `\nGenesis written to ${path}\n`;
  return { text: `\n[GENESIS SUCCESS]\n${message}`, json: { message } };
}

async function write(path: string, content: string): Promise<void> {
  try {
    await writeNewFile(path, content, FILE_MODE);
  } catch (error) {
    if (osErrorCode(error) === 'EEXIST') throw usageError(`genesis file at path (${path}) already exists`);
    throw new Error(`failed to write genesis: open ${path}: ${osErrorText(error)}`, { cause: error });
  }
}

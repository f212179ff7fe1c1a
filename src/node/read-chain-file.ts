import { readFile } from 'node:fs/promises';
import { errorText } from '../common/app-error.js';
import { osErrorText } from '../common/os-error.js';
import { ConfigError } from '../config/config.errors.js';
import { type ChainConfig, parseGenesis } from '../modules/blockchain/index.js';
import { parsePeerAddress } from '../modules/network/index.js';

/**
 * The genesis file of a node, its bootnodes checked too.
 * @throws {ConfigError} CONFIG.INVALID when the file cannot be read
 * @throws {BlockchainError} BLOCKCHAIN.GENESIS_INVALID with every fault of what is in it
 */
export async function readChainFile(path: string): Promise<ChainConfig> {
  return parseChainText(await readChainText(path));
}

/** What stands in a genesis file. @throws {ConfigError} CONFIG.INVALID when it cannot be read */
export async function readChainText(path: string): Promise<string> {
  return readFile(path, 'utf8').catch((cause: unknown) => {
    throw unreadable(path, cause);
  });
}

/** The text of a genesis file, its bootnodes checked too. @throws {BlockchainError} BLOCKCHAIN.GENESIS_INVALID with every fault */
export function parseChainText(text: string): ChainConfig {
  return parseGenesis(text, { checkBootnode });
}

/** In the words of Go, which opens a folder and fails to read it. */
function unreadable(path: string, cause: unknown): ConfigError {
  const isRead =
    typeof cause === 'object' && cause !== null && 'syscall' in cause && cause.syscall === 'read';
  const text = `${isRead ? 'read' : 'open'} ${path}: ${osErrorText(cause)}`;
  return new ConfigError({ code: 'CONFIG.INVALID', faults: [{ source: '--chain', text }] }, cause);
}

function checkBootnode(text: string): string | undefined {
  try {
    const { transport } = parsePeerAddress(text);
    return transport === '' ? 'expected an address in front of /p2p' : undefined;
  } catch (error) {
    return errorText(error);
  }
}

import { statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { LocalSecrets } from '../../config/secrets/local-secrets.js';
import { type CommandContext, usageError } from '../command-context.js';
import { type Given, textOf } from '../flags.js';
import { type CommandResult, keyValues } from '../output.js';
import { requireLocal } from './secrets-folder.js';
import { identityOf } from './secrets-identity.js';

const CHOICES = ['node-id', 'validator', 'bls'] as const;

/**
 * `secrets output`: the address, BLS key and peer ID of a data folder, or one of them alone.
 * @see polygon-edge@597a0f3 command/secrets/output/params.go initSecrets
 */
export async function secretsOutput({ random }: CommandContext, given: Given): Promise<CommandResult> {
  const chosen = CHOICES.filter((flag) => textOf(given, flag) === 'true');
  if (chosen.length > 1) throw usageError(`--${chosen.join(' and --')} exclude each other`);
  const dataDir = requireLocal(given);
  requireKeys(dataDir);
  const {
    address = '',
    blsPublicKey = '',
    nodeId = '',
  } = await identityOf(new LocalSecrets(dataDir, random));
  switch (chosen[0]) {
    case 'node-id':
      return { text: nodeId, json: { node_id: nodeId } };
    case 'validator':
      return { text: address, json: { address } };
    case 'bls':
      return { text: blsPublicKey, json: { bls: blsPublicKey } };
    default:
      return {
        text: `\n[SECRETS OUTPUT]\n${keyValues([
          ['Public key (address)', address],
          ['BLS Public key', blsPublicKey],
          ['Node ID', nodeId],
        ])}\n`,
        json: { address, bls: blsPublicKey, node_id: nodeId },
      };
  }
}

function requireKeys(dataDir: string): void {
  const shown = resolve(dataDir);
  if (!isFolder(dataDir)) throw new Error(`the data directory provided does not exist: ${shown}`);
  const missing = [
    ...(isFolder(join(dataDir, 'consensus')) ? [] : ['no validator keys found']),
    ...(isFolder(join(dataDir, 'libp2p')) ? [] : ['no network key found']),
  ].map((text) => `${text} in the data directory provided: ${shown}`);
  if (missing.length > 0) throw new Error(missing.join('; '));
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}

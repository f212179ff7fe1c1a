import { SystemRandom } from '../common/random.js';
import { LocalSecrets } from '../config/secrets/local-secrets.js';
import { createNode, type EdgekeeperNode } from '../node/create-node.js';
import { readKeys } from '../node/read-keys.js';
import { chainOf, type EdgekeeperOptions, givenKeys, nodeSettings } from './edgekeeper.options.js';

/**
 * Makes a node as an application asks for it; it is started by its caller.
 * @throws {AppError} of settings, genesis, keys, or of the module that could not be made
 */
export async function openNode(options: EdgekeeperOptions): Promise<EdgekeeperNode> {
  const settings = nodeSettings(options);
  const chain = await chainOf(options.chain);
  const keys = options.keys
    ? givenKeys(options.keys)
    : await readKeys(new LocalSecrets(settings.node.dataDir, new SystemRandom()));
  return createNode({ settings, chain, ...keys });
}

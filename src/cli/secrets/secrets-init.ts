import { type KeyName, LocalSecrets } from '../../config/secrets/local-secrets.js';
import { type CommandContext, usageError } from '../command-context.js';
import { type Given, isOn, textOf } from '../flags.js';
import { type CommandResult, keyValues } from '../output.js';
import { requireLocal } from './secrets-folder.js';
import { type Identity, identityOf } from './secrets-identity.js';

const MAX_COUNT = 30;
const NO_ADDRESS = `0x${'0'.repeat(40)}`;

/** In the order in which the Go client makes them. */
const KEYS: readonly (readonly [flag: string, name: KeyName])[] = [
  ['ecdsa', 'validator-key'],
  ['bls', 'validator-bls-key'],
  ['network', 'network-key'],
];

/**
 * `secrets init`: makes the keys of one or more data folders. Keys that are there are never written over.
 * @see polygon-edge@597a0f3 command/secrets/init/secrets_init.go runCommand
 */
export async function secretsInit({ random }: CommandContext, given: Given): Promise<CommandResult> {
  const count = Number(textOf(given, 'num') || '1');
  if (!Number.isInteger(count) || count < 1 || count > MAX_COUNT) {
    throw usageError(`num flag value should be between 1 and ${MAX_COUNT}`);
  }
  const dataDir = requireLocal(given);
  if (!isOn(given, 'insecure', false)) {
    throw new Error(
      'use a secrets backend, or supply an --insecure flag to store the private keys locally on the filesystem, ' +
        'avoid doing so in production',
    );
  }
  const identities: Identity[] = [];
  for (let at = 1; at <= count; at++) {
    const secrets = new LocalSecrets(count === 1 ? dataDir : `${dataDir}${at}`, random);
    for (const [flag, name] of KEYS) if (isOn(given, flag, true)) await secrets.create(name);
    identities.push(await identityOf(secrets));
  }
  return { text: identities.map(section).join(''), json: identities.map(entry) };
}

/** @see polygon-edge@597a0f3 command/secrets/init/result.go SecretsInitResult */
function section({ address, blsPublicKey, nodeId }: Identity): string {
  const rows = keyValues([
    ['Public key (address)', address ?? NO_ADDRESS],
    ...(blsPublicKey === undefined ? [] : [['BLS Public key', blsPublicKey] as const]),
    ['Node ID', nodeId ?? ''],
  ]);
  return `\n[WARNING: INSECURE LOCAL SECRETS - SHOULD NOT BE RUN IN PRODUCTION]\n\n[SECRETS INIT]\n${rows}\n`;
}

function entry({ address, blsPublicKey, nodeId }: Identity) {
  return {
    address: address ?? NO_ADDRESS,
    bls_pubkey: blsPublicKey ?? '',
    node_id: nodeId ?? '',
    insecure: true,
  };
}

import { mkdir, open } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { osErrorCode, osErrorText } from '../../common/os-error.js';
import type { Random } from '../../common/random.js';
import { blsPublicKey, generateBlsSecret, isValidPrivateKey } from '../../modules/blockchain/index.js';
import { ConfigError } from '../config.errors.js';
import type { Secrets, ValidatorSecrets } from '../ports/secrets.port.js';
import { Secret } from '../secret.js';
import { SettingFault } from '../setting.js';
import { writeNewFile } from '../write-new-file.js';
import { keyText, networkKeyText, parseKeyText, parseNetworkKeyText } from './key-text.js';

const FILE_MODE = 0o440;
const FOLDER_MODE = 0o770;
const MAX_KEY_FILE_BYTES = 4_096;

export type KeyName = 'network-key' | 'validator-key' | 'validator-bls-key';

interface KeyFile {
  /** Under the data folder. */
  readonly path: string;
  readonly parse: (text: string) => Uint8Array;
  readonly text: (key: Uint8Array) => string;
  readonly isValid: (key: Uint8Array) => boolean;
  readonly generate: (random: Random) => Uint8Array;
}

const FILES: Readonly<Record<KeyName, KeyFile>> = {
  'network-key': {
    path: 'libp2p/libp2p.key',
    parse: parseNetworkKeyText,
    text: networkKeyText,
    isValid: isValidPrivateKey,
    generate: generatePrivateKey,
  },
  'validator-key': {
    path: 'consensus/validator.key',
    parse: parseKeyText,
    text: keyText,
    isValid: isValidPrivateKey,
    generate: generatePrivateKey,
  },
  'validator-bls-key': {
    path: 'consensus/validator-bls.key',
    parse: parseKeyText,
    text: keyText,
    isValid: isBlsSecret,
    generate: generateBlsSecret,
  },
};

/**
 * Keys as files in the Go client's layout, byte for byte: a folder of either client serves the other.
 * A file that is there is never written to.
 * @see polygon-edge@597a0f3 secrets/local/local.go LocalSecretsManager
 * @remarks Differs: a file that is there and cannot be read is an error; Go takes it for missing.
 */
export class LocalSecrets implements Secrets {
  constructor(
    private readonly dataDir: string,
    private readonly random: Random,
  ) {}

  async networkKey(): Promise<Secret> {
    return (await this.read('network-key')) ?? (await this.create('network-key'));
  }

  validatorKey(): Promise<Secret | undefined> {
    return this.read('validator-key');
  }

  blsKey(): Promise<Secret | undefined> {
    return this.read('validator-bls-key');
  }

  async validators(): Promise<readonly ValidatorSecrets[]> {
    const validators: ValidatorSecrets[] = [];
    for (let number = 1; ; number++) {
      const key = await this.read('validator-key', number);
      if (key === undefined) return validators;
      validators.push({ key, blsKey: await this.read('validator-bls-key', number) });
    }
  }

  /**
   * The key in a file, undefined when there is none.
   * @param number Of the validator: 2 and above are ours, in files such as `consensus/validator-2.key`.
   * @throws {ConfigError} CONFIG.KEY_UNREADABLE | CONFIG.KEY_INVALID
   */
  async read(name: KeyName, number = 1): Promise<Secret | undefined> {
    const { parse, isValid } = FILES[name];
    const path = this.pathOf(name, number);
    const text = await readKeyFile(path);
    if (text === undefined) return undefined;
    try {
      const key = parse(text);
      if (!isValid(key)) throw new SettingFault('not a key of its curve');
      return new Secret(key);
    } catch (error) {
      if (!(error instanceof SettingFault)) throw error;
      throw new ConfigError({ code: 'CONFIG.KEY_INVALID', path, reason: error.message });
    }
  }

  /**
   * Makes a key and its file. `number` as for `read`.
   * @throws {ConfigError} CONFIG.KEY_EXISTS | CONFIG.KEY_UNWRITABLE
   */
  async create(name: KeyName, number = 1): Promise<Secret> {
    const { generate, text } = FILES[name];
    const path = this.pathOf(name, number);
    const key = generate(this.random);
    const unwritable = (error: unknown) =>
      new ConfigError({ code: 'CONFIG.KEY_UNWRITABLE', path, reason: osErrorText(error) }, error);
    try {
      await mkdir(dirname(path), { recursive: true, mode: FOLDER_MODE });
    } catch (error) {
      throw unwritable(error);
    }
    try {
      await writeNewFile(path, text(key), FILE_MODE);
      return new Secret(key);
    } catch (error) {
      if (osErrorCode(error) === 'EEXIST')
        throw new ConfigError({ code: 'CONFIG.KEY_EXISTS', name, path }, error);
      throw unwritable(error);
    }
  }

  private pathOf(name: KeyName, number: number): string {
    const { path } = FILES[name];
    return join(this.dataDir, number === 1 ? path : path.replace(/\.key$/, `-${number}.key`));
  }
}

async function readKeyFile(path: string): Promise<string | undefined> {
  try {
    const file = await open(path, 'r');
    try {
      const { buffer, bytesRead } = await file.read(
        Buffer.alloc(MAX_KEY_FILE_BYTES),
        0,
        MAX_KEY_FILE_BYTES,
        0,
      );
      return buffer.toString('latin1', 0, bytesRead);
    } finally {
      await file.close();
    }
  } catch (error) {
    if (osErrorCode(error) === 'ENOENT') return undefined;
    throw new ConfigError({ code: 'CONFIG.KEY_UNREADABLE', path, reason: osErrorText(error) }, error);
  }
}

/** Almost every 32 bytes are a key; the loop ends at once but for 1 in 2^127. */
function generatePrivateKey(random: Random): Uint8Array {
  let key = random.bytes(32);
  while (!isValidPrivateKey(key)) key = random.bytes(32);
  return key;
}

function isBlsSecret(key: Uint8Array): boolean {
  try {
    return blsPublicKey(key).length > 0;
  } catch {
    // The only way that the library tells a scalar out of range.
    return false;
  }
}

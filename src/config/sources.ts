import { ConfigError, type ConfigFault } from './config.errors.js';
import { readConfigFile } from './config-file.js';
import { OPERATOR_CREDENTIALS } from './operator-credentials.js';
import { settingsSchema } from './schema.js';
import { schemaLeaves } from './schema-leaves.js';
import { SettingFault, type SettingValue, type ValueKind } from './setting.js';
import { SETTINGS } from './settings-table.js';
import { IGNORED_KEYS } from './settings-without-effect.js';

export type Origin = 'flag' | 'env' | 'file' | 'default';

/** Flags by their name without `--`, only those that were given. */
export type FlagValues = Readonly<Record<string, SettingValue>>;

/** A value as it was given, and by whom. */
export interface Given {
  readonly origin: Origin;
  /** As an operator would look for it: `--flag`, `EDGEKEEPER_NAME` or the key of the file. */
  readonly source: string;
  readonly value: unknown;
}

/** A value on its way to its place in the settings, such as `network.listenPort`. */
export interface Assigned extends Given {
  readonly path: string;
}

/** What one source says: of the Go client's settings, by flag, and of our own, by path. */
export interface SourceValues {
  readonly origin: Origin;
  readonly settings: ReadonlyMap<string, Given>;
  readonly own: ReadonlyMap<string, Given>;
  readonly faults: readonly ConfigFault[];
  readonly warnings: readonly string[];
}

const OWN_SECTION = 'edgekeeper.';
const ENV_PREFIX = 'EDGEKEEPER_';
/** Names the config file; the flag `--config` wins. */
const ENV_CONFIG = `${ENV_PREFIX}CONFIG`;

/** The environment variable of a flag (`grpc-address`) or of a path (`network.dialTimeoutMs`). */
export function envName(name: string): string {
  return (
    ENV_PREFIX +
    name
      .replace(/[.-]/g, '_')
      .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
      .toUpperCase()
  );
}

/** Settings that the Go client does not have, by path: no flag, only an environment variable and a key of the file. */
export const OWN_SETTINGS: ReadonlyMap<string, ValueKind> = new Map(
  [...schemaLeaves(settingsSchema)].filter(([path]) => !SETTINGS.some(({ paths }) => paths.includes(path))),
);

/** Variables that are read elsewhere. */
const NO_SETTINGS: ReadonlySet<string> = new Set([ENV_CONFIG, ...Object.values(OPERATOR_CREDENTIALS)]);
const flagOfEnv = new Map(SETTINGS.map(({ flag }) => [envName(flag), flag]));
const pathOfEnv = new Map([...OWN_SETTINGS.keys()].map((path) => [envName(path), path]));
const flagOfKey = new Map(
  SETTINGS.flatMap(({ key, flag }) => (key === undefined ? [] : [[key, flag] as const])),
);

/** Values of flags; an empty one is unset. `default` marks flags that a command stands in for. */
export function fromFlags(flags: FlagValues, origin: 'flag' | 'default' = 'flag'): SourceValues {
  const settings = new Map<string, Given>();
  for (const [flag, value] of Object.entries(flags)) {
    if (value !== '') settings.set(flag, { origin, source: `--${flag}`, value });
  }
  return { origin, settings, own: new Map(), faults: [], warnings: [] };
}

/**
 * Values of `EDGEKEEPER_*`; an empty one is unset. An unknown name only warns: container platforms
 * add variables of a service's name on their own (`EDGEKEEPER_PORT`).
 */
export function fromEnvironment(env: Readonly<Record<string, string | undefined>>): SourceValues {
  const settings = new Map<string, Given>();
  const own = new Map<string, Given>();
  const warnings: string[] = [];
  for (const [source, value] of Object.entries(env)) {
    if (!source.startsWith(ENV_PREFIX) || NO_SETTINGS.has(source) || !value) continue;
    const flag = flagOfEnv.get(source);
    const path = pathOfEnv.get(source);
    const given: Given = { origin: 'env', source, value };
    if (flag !== undefined) settings.set(flag, given);
    else if (path !== undefined) own.set(path, given);
    else warnings.push(`${source} is no setting and is ignored`);
  }
  return { origin: 'env', settings, own, faults: [], warnings };
}

/** Which config file to read, if any. */
export function configFileOf(
  flags: FlagValues,
  env: Readonly<Record<string, string | undefined>>,
): string | undefined {
  return String(flags.config ?? '') || env[ENV_CONFIG] || undefined;
}

/**
 * Values of a config file.
 * @throws {ConfigError} CONFIG.INVALID at once when it cannot be read: without it every other setting may look wrong
 */
export function fromFile(file: string): SourceValues {
  const settings = new Map<string, Given>();
  const own = new Map<string, Given>();
  const faults: ConfigFault[] = [];
  for (const [key, value] of contentOf(file)) {
    const given: Given = { origin: 'file', source: key, value };
    const flag = flagOfKey.get(key);
    const path = key.startsWith(OWN_SECTION) ? key.slice(OWN_SECTION.length) : undefined;
    if (flag !== undefined) settings.set(flag, given);
    else if (path !== undefined && OWN_SETTINGS.has(path)) own.set(path, given);
    else if (!IGNORED_KEYS.includes(key)) faults.push({ source: key, text: `unknown key ${key} in ${file}` });
  }
  return { origin: 'file', settings, own, faults, warnings: [] };
}

function contentOf(file: string): ReadonlyMap<string, unknown> {
  try {
    return readConfigFile(file);
  } catch (error) {
    if (!(error instanceof SettingFault)) throw error;
    throw new ConfigError({ code: 'CONFIG.INVALID', faults: [{ source: file, text: error.message }] });
  }
}

/** What the strongest source says of a flag; sources come strongest first. */
export function strongest(sources: readonly SourceValues[], flag: string): Given | undefined {
  return sources.find(({ settings }) => settings.has(flag))?.settings.get(flag);
}

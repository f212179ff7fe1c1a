import { accessSync, constants } from 'node:fs';
import type { z } from 'zod';
import { osErrorText } from '../common/os-error.js';
import { ConfigError, type ConfigFault } from './config.errors.js';
import { collect, convert } from './convert.js';
import { readPeerLimits } from './peer-limits.js';
import { defaultSettings, type NodeSettings, settingsSchema } from './schema.js';
import { schemaLeaves } from './schema-leaves.js';
import type { Setting, SettingValue } from './setting.js';
import { SETTINGS } from './settings-table.js';
import type { Assigned, FlagValues, Given, Origin, SourceValues } from './sources.js';
import * as source from './sources.js';

/** The settings of a node, and how each came to be. */
export interface LoadedSettings {
  readonly settings: NodeSettings;
  /** By path (`network.listenPort`): who set it. */
  readonly origins: Readonly<Record<string, Origin>>;
  /** What was given and does nothing, one line each; to be logged once. */
  readonly warnings: readonly string[];
}

export interface LoadOptions {
  /** What was given on the command line. */
  readonly flags: FlagValues;
  /** Flags that hold where no source says otherwise, instead of the schema's defaults. */
  readonly fallbacks?: FlagValues;
  /** Whether a genesis file that cannot be read is a fault. */
  readonly needsChainFile: boolean;
  readonly env?: Readonly<Record<string, string | undefined>>;
}

/**
 * The effective settings, frozen: flags win over `EDGEKEEPER_*`, over the config file, over defaults.
 * @throws {ConfigError} CONFIG.INVALID with every fault of every source at once
 * @see polygon-edge@597a0f3 command/server/init.go initRawParams
 * @remarks Differs: with `--config` Go drops all other flags, and an address that the file leaves out becomes a random port.
 */
export function loadSettings({
  flags,
  fallbacks = {},
  needsChainFile,
  env = process.env,
}: LoadOptions): LoadedSettings {
  const file = source.configFileOf(flags, env);
  const { config: _, ...ownFlags } = flags;
  const sources = [
    source.fromFlags(ownFlags),
    source.fromEnvironment(env),
    ...(file === undefined ? [] : [source.fromFile(file)]),
    source.fromFlags(fallbacks, 'default'),
  ];
  const faults = sources.flatMap((from) => from.faults);
  const warnings = sources.flatMap((from) => from.warnings);
  const assigned = [
    ...SETTINGS.flatMap((setting) =>
      readSetting(setting, source.strongest(sources, setting.flag), faults, warnings),
    ),
    ...readPeerLimits(sources, faults),
    ...readOwn(sources, faults),
  ];
  const parsed = settingsSchema.safeParse(treeOf(assigned));
  if (!parsed.success) faults.push(...parsed.error.issues.map((issue) => faultOf(issue, assigned)));
  if (needsChainFile) faults.push(...unreadableChainFile(assigned));
  if (!parsed.success || faults.length > 0) throw new ConfigError({ code: 'CONFIG.INVALID', faults });

  const setBy = new Map(assigned.map(({ path, origin }) => [path, origin]));
  const paths = [...schemaLeaves(settingsSchema).keys()];
  return {
    settings: deepFreeze(parsed.data),
    origins: Object.fromEntries(paths.map((path) => [path, setBy.get(path) ?? 'default'])),
    warnings,
  };
}

function readSetting(
  setting: Setting,
  given: Given | undefined,
  faults: ConfigFault[],
  warnings: string[],
): Assigned[] {
  if (given === undefined || setting.group === 'peer-limits') return [];
  const warn = (text: string) => warnings.push(`${given.source} ${text}`);
  const values = collect(given, faults, () => {
    const value = convert(given.value, setting.kind);
    if (setting.noEffect !== undefined) {
      // A file that the Go client wrote lists all of its defaults; those ask for nothing.
      const { missing, goDefaults } = setting.noEffect;
      const asksForNothing = given.origin === 'file' && isOneOf(value, goDefaults);
      if (!asksForNothing) warn(`has no effect: ${missing}`);
    }
    return setting.read(value, warn);
  });
  return (values ?? []).flatMap((value, at) => {
    const path = setting.paths[at];
    return path === undefined ? [] : [{ ...given, path, value }];
  });
}

function isOneOf(value: SettingValue, values: readonly SettingValue[]): boolean {
  return values.some((other) => JSON.stringify(other) === JSON.stringify(value));
}

function readOwn(sources: readonly SourceValues[], faults: ConfigFault[]): Assigned[] {
  const weakestFirst = [...sources].reverse().flatMap(({ own }) => [...own]);
  return [...new Map(weakestFirst)].flatMap(([path, given]) => {
    const value = collect(given, faults, () => convert(given.value, source.OWN_SETTINGS.get(path) ?? 'text'));
    return value === undefined ? [] : [{ ...given, path, value }];
  });
}

function faultOf(issue: z.core.$ZodIssue, assigned: readonly Assigned[]): ConfigFault {
  const path = issue.path.join('.');
  const given = assigned.find((leaf) => leaf.path === path)?.source;
  return given === undefined
    ? { source: path, text: issue.message }
    : { source: given, text: `${given}: ${issue.message}` };
}

function unreadableChainFile(assigned: readonly Assigned[]): ConfigFault[] {
  const given = assigned.find(({ path }) => path === 'node.chainPath');
  const chainPath = String(given?.value ?? defaultSettings.node.chainPath);
  try {
    accessSync(chainPath, constants.R_OK);
    return [];
  } catch (error) {
    return [{ source: given?.source ?? '--chain', text: `open ${chainPath}: ${osErrorText(error)}` }];
  }
}

interface Tree {
  [name: string]: unknown;
}

function treeOf(assigned: readonly Assigned[]): Tree {
  const root: Tree = { node: {} };
  for (const { path, value } of assigned) {
    const names = path.split('.');
    const last = names.pop() ?? path;
    let node = root;
    for (const name of names) {
      node[name] ??= {};
      node = node[name] as Tree;
    }
    node[last] = value;
  }
  return root;
}

function deepFreeze<T extends object>(tree: T): T {
  for (const value of Object.values(tree)) if (typeof value === 'object' && value !== null) deepFreeze(value);
  return Object.freeze(tree);
}

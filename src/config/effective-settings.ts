import { type NodeSettings, settingsSchema } from './schema.js';
import { schemaLeaves } from './schema-leaves.js';
import { Secret } from './secret.js';
import type { Origin } from './sources.js';

/** A setting as it holds, for an operator to see. */
export interface ShownSetting {
  /** Such as `network.listenPort`. */
  readonly path: string;
  /** JSON; empty when it is not set, `***` for a secret. */
  readonly value: string;
  readonly origin: Origin;
}

const HIDDEN = '***';
/** Names of settings that hold a secret themselves; those that end in Path name a file with one. */
const SECRET_NAME = /(password|secret|token|privatekey)$/i;
/** In a URL. */
const PASSWORD = /(\/\/[^/@\s:]*):[^/@\s]*@/g;

/**
 * Every setting that there is, in the order of the schema.
 * @param origins Who set each, by path; without it nobody is known to have set any.
 */
export function effectiveSettings(
  settings: NodeSettings,
  origins: Readonly<Record<string, Origin>> = {},
): readonly ShownSetting[] {
  return [...schemaLeaves(settingsSchema).keys()].map((path) => ({
    path,
    value: shown(path, valueAt(settings, path)),
    origin: origins[path] ?? 'default',
  }));
}

function valueAt(settings: NodeSettings, path: string): unknown {
  let value: unknown = settings;
  for (const name of path.split('.')) {
    value = typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
  }
  return value;
}

function shown(path: string, value: unknown): string {
  if (value === undefined) return '';
  if (value instanceof Secret || SECRET_NAME.test(path)) return HIDDEN;
  return (JSON.stringify(value) ?? '').replace(PASSWORD, `$1:${HIDDEN}@`);
}

import { readFileSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { errorText } from '../common/app-error.js';
import { osErrorText } from '../common/os-error.js';
import { parseHcl } from './hcl.js';
import { SettingFault } from './setting.js';

const MAX_BYTES = 1_024 * 1_024;
const MAX_DEPTH = 8;

/**
 * The values of a config file by their dotted keys (`network.libp2p_addr`); empty texts and nulls are left out as unset.
 * `edgekeeper.<module>.<name>` are settings that the Go client does not have.
 * @throws {SettingFault} with one text when the file cannot be read or understood
 * @see polygon-edge@597a0f3 command/server/config/config.go ReadConfigFile
 */
export function readConfigFile(path: string): ReadonlyMap<string, unknown> {
  const source = readText(path);
  const parse = parserFor(path);
  let content: unknown;
  try {
    content = parse(source);
  } catch (error) {
    throw new SettingFault(`${path}: ${errorText(error)}`);
  }
  if (content === null || content === undefined) return new Map();
  if (!isSection(content)) throw new SettingFault(`${path}: not a list of settings`);
  try {
    return new Map(flatten(content, '', 1));
  } catch (error) {
    throw new SettingFault(`${path}: ${errorText(error)}`);
  }
}

function readText(path: string): string {
  try {
    if (statSync(path).size > MAX_BYTES) throw new SettingFault(`${path} is larger than ${MAX_BYTES} bytes`);
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw error instanceof SettingFault ? error : new SettingFault(`open ${path}: ${osErrorText(error)}`);
  }
}

function parserFor(path: string): (source: string) => unknown {
  if (path.endsWith('.hcl')) return parseHcl;
  if (path.endsWith('.json')) return (source) => JSON.parse(source);
  if (path.endsWith('.yaml') || path.endsWith('.yml')) return parseYaml;
  throw new SettingFault(`suffix of ${path} is neither hcl, json, yaml nor yml`);
}

/** The library is loaded when a file asks for it: every command would pay for it otherwise. */
function parseYaml(source: string): unknown {
  const { parse } = createRequire(import.meta.url)('yaml') as typeof import('yaml');
  return parse(source, { logLevel: 'error' });
}

function isSection(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Bounded in depth, as YAML can refer to itself. */
function flatten(section: Record<string, unknown>, prefix: string, depth: number): [string, unknown][] {
  if (depth > MAX_DEPTH) throw new SettingFault(`${prefix}: nested too deeply`);
  return Object.entries(section).flatMap(([name, value]): [string, unknown][] => {
    if (value === null || value === '') return [];
    return isSection(value) ? flatten(value, `${prefix}${name}.`, depth + 1) : [[`${prefix}${name}`, value]];
  });
}

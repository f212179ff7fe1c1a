import { type Command, Option } from 'commander';
import { convert } from '../config/convert.js';
import { DEFAULT_OPERATOR_ADDRESS } from '../config/operator-address.js';
import type { Setting } from '../config/setting.js';
import type { FlagValues } from '../config/sources.js';
import { usageError } from './command-context.js';

/** The options of a command that were given, by flag name. */
export type Given = FlagValues;

/** A flag that takes a value. */
export function valueFlag(name: string, help: string, shown?: string): Option {
  return new Option(`--${name} <value>`, describe(help, shown));
}

/** A flag that is on when present; `--name=false` turns it off, as Go's do. */
export function switchFlag(name: string, help: string, shown?: string): Option {
  const option = new Option(`--${name} [boolean]`, describe(help, shown));
  // Otherwise --no-discover would be the opposite of a flag --discover.
  option.negate = false;
  return option;
}

/** A flag that may be given several times. */
export function repeatedFlag(name: string, help: string, shown?: string): Option {
  return valueFlag(name, help, shown).argParser((value: string, before: readonly string[] | undefined) => [
    ...(before ?? []),
    value,
  ]);
}

/** The flag of a setting of the node. */
export function settingFlag({ flag, kind, help, shown, hidden }: Setting): Option {
  const make = kind === 'switch' ? switchFlag : kind === 'texts' ? repeatedFlag : valueFlag;
  return make(flag, help, shown).hideHelp(hidden === true);
}

export function grpcAddressFlag(): Option {
  return valueFlag('grpc-address', 'the GRPC interface', DEFAULT_OPERATOR_ADDRESS);
}

/** What was given on the command line for a command and those above it. */
export function givenFlags(command: Command): Given {
  const above = command.parent === null ? {} : givenFlags(command.parent);
  const own = command.options.flatMap((option): [string, FlagValues[string]][] => {
    const value: unknown = command.getOptionValue(option.attributeName());
    return value === undefined ? [] : [[option.name(), value as FlagValues[string]]];
  });
  return { ...above, ...Object.fromEntries(own) };
}

/** The text of a flag, empty when it was not given. */
export function textOf(given: Given, flag: string): string {
  return String(given[flag] ?? '');
}

/** The text of a flag that must be given. @throws in the words of the Go client */
export function requiredText(given: Given, flag: string): string {
  if (given[flag] === undefined) throw usageError(`required flag(s) "${flag}" not set`);
  return textOf(given, flag);
}

function describe(help: string, shown: string | undefined): string {
  return shown === undefined ? help : `${help} (default ${shown})`;
}

export function isOn(given: Given, flag: string, otherwise: boolean): boolean {
  const value = given[flag];
  return value === undefined ? otherwise : convert(value, 'switch') === true;
}

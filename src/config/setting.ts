/** A value that a setting cannot take. The loader adds where it came from and collects it with the others. */
export class SettingFault extends Error {}

export type ValueKind = 'text' | 'texts' | 'switch' | 'number';
export type SettingValue = string | number | boolean | readonly string[];

/** A setting with a flag, of the Go client or ours: its flag, its key in the file, and what it means here. */
export interface Setting {
  /** The flag without `--`; `EDGEKEEPER_` and its upper-case form is the environment variable. */
  readonly flag: string;
  /** Key of the file, `section.key`. */
  readonly key?: string;
  readonly kind: ValueKind;
  readonly help: string;
  /** What `--help` shows as default. */
  readonly shown?: string;
  readonly hidden?: true;
  /** Those of one group are read together, not one by one. */
  readonly group?: 'peer-limits';
  /** Set when the setting is accepted and does nothing here: what is missing, and what the Go client writes into a file of defaults. */
  readonly noEffect?: { readonly missing: string; readonly goDefaults: readonly SettingValue[] };
  /** The places in the settings that it sets, such as `network.listenPort`. */
  readonly paths: readonly string[];
  /** What goes there, in the order of `paths`; nothing leaves them unset. @throws {SettingFault} */
  readonly read: (value: SettingValue, warn: (text: string) => void) => readonly unknown[];
}

import { AppError, assertNever } from '../common/app-error.js';

/** One wrong setting: where it was given (`--flag`, `EDGEKEEPER_NAME` or a key of the file) and a text that says what is wrong. */
export interface ConfigFault {
  readonly source: string;
  readonly text: string;
}

export type ConfigErrorDetail =
  | { code: 'CONFIG.INVALID'; faults: readonly ConfigFault[] }
  | { code: 'CONFIG.KEY_UNREADABLE'; path: string; reason: string }
  | { code: 'CONFIG.KEY_INVALID'; path: string; reason: string }
  | { code: 'CONFIG.KEY_EXISTS'; name: string; path: string }
  | { code: 'CONFIG.KEY_UNWRITABLE'; path: string; reason: string };

/** Everything that settings and key files can fail with. No text of it shows a key. */
export class ConfigError extends AppError<ConfigErrorDetail> {
  constructor(detail: ConfigErrorDetail, cause?: unknown) {
    super(detail, messageOf(detail), cause);
  }
}

/** Texts follow the Go client's where it has one. */
function messageOf(detail: ConfigErrorDetail): string {
  switch (detail.code) {
    case 'CONFIG.INVALID':
      return detail.faults.map(({ text }) => text).join('; ');
    case 'CONFIG.KEY_UNREADABLE':
      return `unable to read secret from disk (${detail.path}), ${detail.reason}`;
    case 'CONFIG.KEY_INVALID':
      return `key file ${detail.path}: ${detail.reason}`;
    case 'CONFIG.KEY_EXISTS':
      return `secrets "${detail.name}" has been already initialized`;
    case 'CONFIG.KEY_UNWRITABLE':
      return `unable to write secret to disk (${detail.path}), ${detail.reason}`;
    default:
      return assertNever(detail);
  }
}

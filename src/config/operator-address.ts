import { readFileSync, statSync } from 'node:fs';
import { parseTcpAddress, type TcpAddress } from './address.js';
import { ConfigError } from './config.errors.js';
import { OPERATOR_CREDENTIALS } from './operator-credentials.js';
import { defaultSettings } from './schema.js';
import { SettingFault } from './setting.js';
import { envName } from './sources.js';

const FLAG = 'grpc-address';
const MAX_FILE_BYTES = 1_024 * 1_024;
const { grpcHost, grpcPort } = defaultSettings.system;

/** Where a node answers operators when nothing else is said, as `host:port`. */
export const DEFAULT_OPERATOR_ADDRESS = `${grpcHost}:${grpcPort}`;

type Environment = Readonly<Record<string, string | undefined>>;

/** A node's operator port, and what its caller shows there. */
export interface OperatorEndpoint extends TcpAddress {
  /** Sent with each call; none: undefined. */
  readonly token?: string | undefined;
  /** PEM texts; undefined: plaintext. */
  readonly tls?: { readonly ca?: string; readonly cert?: string; readonly key?: string } | undefined;
}

/**
 * Where to reach a node: the flag, else `EDGEKEEPER_GRPC_ADDRESS`, else the default; with TLS when a certificate is named.
 * @throws {ConfigError} CONFIG.INVALID
 */
export function operatorAddress(flag: string | undefined, env: Environment = process.env): OperatorEndpoint {
  const variable = envName(FLAG);
  const source = flag ? `--${FLAG}` : variable;
  const address = checked(source, () =>
    parseTcpAddress(flag || env[variable] || DEFAULT_OPERATOR_ADDRESS, grpcHost),
  );
  const [token, ca, cert, key] = (['token', 'ca', 'cert', 'key'] as const).map((name) =>
    contentOf(OPERATOR_CREDENTIALS[name], env),
  );
  const tls = { ...(ca && { ca }), ...(cert && { cert }), ...(key && { key }) };
  return { ...address, token, tls: Object.keys(tls).length === 0 ? undefined : tls };
}

/** An empty file is a fault: without what it should hold, the call would go out in plaintext or as somebody else. */
function contentOf(variable: string, env: Environment): string | undefined {
  const path = env[variable];
  if (!path) return undefined;
  return checked(variable, () => {
    try {
      if (statSync(path).size > MAX_FILE_BYTES) throw new SettingFault('the file is too large');
      const content = readFileSync(path, 'utf8').trim();
      if (content === '') throw new SettingFault(`${path} is empty`);
      return content;
    } catch (error) {
      if (error instanceof SettingFault) throw error;
      throw new SettingFault(`cannot read ${path}: ${(error as NodeJS.ErrnoException).code ?? 'failed'}`);
    }
  });
}

function checked<T>(source: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof SettingFault)) throw error;
    const faults = [{ source, text: `${source}: ${error.message}` }];
    throw new ConfigError({ code: 'CONFIG.INVALID', faults });
  }
}

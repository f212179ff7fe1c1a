import { parseTcpAddress, type TcpAddress } from './address.js';
import { ConfigError } from './config.errors.js';
import { defaultSettings } from './schema.js';
import { SettingFault } from './setting.js';
import { envName } from './sources.js';

const FLAG = 'grpc-address';
const { grpcHost, grpcPort } = defaultSettings.system;

/** Where a node answers operators when nothing else is said, as `host:port`. */
export const DEFAULT_OPERATOR_ADDRESS = `${grpcHost}:${grpcPort}`;

/**
 * Where to reach a node: the flag, else `EDGEKEEPER_GRPC_ADDRESS`, else the default.
 * @throws {ConfigError} CONFIG.INVALID
 */
export function operatorAddress(
  flag: string | undefined,
  env: Readonly<Record<string, string | undefined>> = process.env,
): TcpAddress {
  const variable = envName(FLAG);
  const source = flag ? `--${FLAG}` : variable;
  try {
    return parseTcpAddress(flag || env[variable] || DEFAULT_OPERATOR_ADDRESS, grpcHost);
  } catch (error) {
    if (!(error instanceof SettingFault)) throw error;
    throw new ConfigError({
      code: 'CONFIG.INVALID',
      faults: [{ source, text: `${source}: ${error.message}` }],
    });
  }
}

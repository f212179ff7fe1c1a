import { osErrorText } from '../../common/os-error.js';
import { defaultSettings } from '../../config/schema.js';
import { writeNewFile } from '../../config/write-new-file.js';
import type { CommandContext } from '../command-context.js';
import { type Given, textOf } from '../flags.js';
import type { CommandResult } from '../output.js';

const INDENT = 4;
const FILE_MODE = 0o660;
const METRICS_INTERVAL_NS = 8_000_000_000;

/**
 * `server export`: writes `default-config.yaml` or `.json` into the current folder, with the Go client's keys and what
 * holds here when they are not set.
 * @see polygon-edge@597a0f3 command/server/export/export.go generateConfig
 * @remarks Differs: a file that is there stays; the operator address is the default of the flag, where Go leaves it
 * empty and takes a random port.
 */
export async function serverExport(_context: CommandContext, given: Given): Promise<CommandResult> {
  const type = textOf(given, 'type') || 'yaml';
  if (!['yaml', 'yml', 'json'].includes(type)) {
    throw new Error('invalid file type, only yaml and json are supported');
  }
  const path = `default-config.${type}`;
  const content = type === 'json' ? JSON.stringify(defaultConfig(true), null, INDENT) : await yaml();
  try {
    await writeNewFile(path, content, FILE_MODE);
  } catch (error) {
    throw new Error(`failed to create config file open ${path}: ${osErrorText(error)}`, { cause: error });
  }
  const message = 'Configuration file successfully exported';
  return { text: `\n[EXPORT SUCCESS]\n${message}\n`, json: { export: message } };
}

async function yaml(): Promise<string> {
  const { stringify } = await import('yaml');
  return stringify(defaultConfig(false), { indent: INDENT });
}

function defaultConfig(isJson: boolean) {
  const { node, network, system, blockchain, telemetry } = defaultSettings;
  return {
    chain_config: node.chainPath,
    secrets_config: '',
    data_dir: '',
    block_gas_target: '0x0',
    grpc_addr: `${system.grpcHost}:${system.grpcPort}`,
    jsonrpc_addr: '',
    telemetry: { prometheus_addr: '' },
    network: {
      no_discover: !network.discovery,
      libp2p_addr: `${network.listenHost}:${network.listenPort}`,
      nat_addr: '',
      dns_addr: '',
      max_peers: -1,
      max_outbound_peers: -1,
      max_inbound_peers: -1,
    },
    seal: blockchain.seal,
    tx_pool: { price_limit: 0, max_slots: 4_096, max_account_enqueued: 128 },
    log_level: telemetry.logLevel.toUpperCase(),
    restore_file: '',
    headers: { access_control_allow_origins: ['*'] },
    log_to: '',
    json_rpc_batch_request_limit: 20,
    json_rpc_block_range_limit: 1_000,
    json_log_format: telemetry.logFormat === 'json',
    cors_allowed_origins: isJson ? null : [],
    relayer: false,
    num_block_confirmations: 64,
    concurrent_requests_debug: 32,
    web_socket_read_limit: 8_192,
    metrics_interval: isJson ? METRICS_INTERVAL_NS : '8s',
  };
}

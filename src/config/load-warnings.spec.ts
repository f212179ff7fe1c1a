import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { type LoadOptions, loadSettings } from './load.js';

const given = (options: Partial<LoadOptions>) =>
  loadSettings({ needsChainFile: false, env: {}, ...options, flags: { 'data-dir': 'd', ...options.flags } });

describe('warnings', () => {
  it('name each flag without effect and what is missing', () => {
    const { warnings } = given({
      flags: { 'json-rpc-block-range-limit': '10', relayer: 'true' },
      env: { EDGEKEEPER_DEV: 'true' },
    });
    expect(warnings).toHaveLength(3);
    expect(warnings.join('\n')).toMatch(
      /--json-rpc-block-range-limit .*logs[\s\S]*--relayer .*relayer[\s\S]*|EDGEKEEPER_DEV/,
    );
  });

  it('are not given for defaults that the Go client writes into its file', () => {
    const folder = mkdtempSync(join(tmpdir(), 'edgekeeper-config-'));
    const path = join(folder, 'config.yaml');
    writeFileSync(path, goDefaultConfig);
    const { warnings, settings } = given({ flags: { config: path } });
    expect(warnings).toEqual([]);
    expect(settings).toEqual(given({}).settings);
    rmSync(folder, { recursive: true });
  });

  it('name unknown variables and go on', () => {
    expect(given({ env: { EDGEKEEPER_PORT: 'tcp://10.0.0.1:80', OTHER: 'x' } }).warnings).toEqual([
      expect.stringContaining('EDGEKEEPER_PORT'),
    ]);
  });

  it('say that an IPv6 address is not advertised', () => {
    const { settings, warnings } = given({ flags: { nat: '::1' } });
    expect(settings.network.natAddress).toBeUndefined();
    expect(warnings).toEqual([expect.stringContaining('--nat')]);
  });
});

// What `polygon-edge server export --type yaml` writes.
const goDefaultConfig = `chain_config: ./genesis.json
secrets_config: ""
data_dir: ""
block_gas_target: "0x0"
grpc_addr: ""
jsonrpc_addr: ""
telemetry:
    prometheus_addr: ""
network:
    no_discover: false
    libp2p_addr: 127.0.0.1:1478
    nat_addr: ""
    dns_addr: ""
    max_peers: -1
    max_outbound_peers: -1
    max_inbound_peers: -1
seal: true
tx_pool:
    price_limit: 0
    max_slots: 4096
    max_account_enqueued: 128
log_level: INFO
restore_file: ""
headers:
    access_control_allow_origins:
        - '*'
log_to: ""
json_rpc_batch_request_limit: 20
json_rpc_block_range_limit: 1000
json_log_format: false
cors_allowed_origins: []
relayer: false
num_block_confirmations: 64
concurrent_requests_debug: 32
web_socket_read_limit: 8192
metrics_interval: 8s
`;

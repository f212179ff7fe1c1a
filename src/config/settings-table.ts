import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { osErrorText } from '../common/os-error.js';
import { parseDnsAddress, parseListenAddress, parseTcpAddress } from './address.js';
import { JSONRPC_SETTINGS } from './jsonrpc-settings.js';
import { defaultSettings } from './schema.js';
import { type Setting, SettingFault } from './setting.js';
import { POOL_SETTINGS } from './settings-of-pool.js';
import { WITHOUT_EFFECT } from './settings-without-effect.js';

/** A setting that becomes one value as it is. */
const plain = (flag: string, key: string, path: string, help: string, shown?: string): Setting => ({
  flag,
  key,
  kind: 'text',
  help,
  ...(shown === undefined ? {} : { shown }),
  paths: [path],
  read: (value) => [value],
});

const { node, network, blockchain, system, telemetry } = defaultSettings;

const EFFECTIVE: readonly Setting[] = [
  plain(
    'chain',
    'chain_config',
    'node.chainPath',
    'the genesis file used for starting the chain',
    node.chainPath,
  ),
  plain('data-dir', 'data_dir', 'node.dataDir', 'the data directory used for storing the node data'),
  plain(
    'restore',
    'restore_file',
    'node.restorePath',
    'the path to the archive to restore on initialization',
  ),
  {
    flag: 'libp2p',
    key: 'network.libp2p_addr',
    kind: 'text',
    help: 'the address and port for the libp2p service',
    shown: `${network.listenHost}:${network.listenPort}`,
    paths: ['network.listenHost', 'network.listenPort'],
    read: (value) => {
      const { host, port } = parseListenAddress(String(value));
      return [host, port];
    },
  },
  {
    flag: 'grpc-address',
    key: 'grpc_addr',
    kind: 'text',
    help: 'the GRPC interface',
    shown: `${system.grpcHost}:${system.grpcPort}`,
    paths: ['system.grpcHost', 'system.grpcPort'],
    read: (value) => {
      const { host, port } = parseTcpAddress(String(value), '127.0.0.1');
      return [host, port];
    },
  },
  {
    flag: 'prometheus',
    key: 'telemetry.prometheus_addr',
    kind: 'text',
    help: `the address and port for metrics and health; a port alone (:port) binds to ${telemetry.prometheusHost}`,
    paths: ['telemetry.prometheusHost', 'telemetry.prometheusPort'],
    read: (value) => {
      const { host, port } = parseTcpAddress(String(value), telemetry.prometheusHost);
      return [host, port];
    },
  },
  {
    flag: 'nat',
    key: 'network.nat_addr',
    kind: 'text',
    help: 'the external IP address without port, as can be seen by peers',
    paths: ['network.natAddress'],
    read: (value, warn) => {
      const address = String(value);
      if (isIP(address) === 4) return [address];
      if (isIP(address) === 0) throw new SettingFault('could not parse NAT IP address');
      // Go drops it without a word.
      warn('has no effect: only an IPv4 address can be advertised');
      return [];
    },
  },
  {
    flag: 'dns',
    key: 'network.dns_addr',
    kind: 'text',
    help: 'the host DNS address which can be used by a remote peer for connection, such as dns4/node.example.org',
    paths: ['network.dnsAddress'],
    read: (value) => [parseDnsAddress(String(value))],
  },
  {
    flag: 'no-discover',
    key: 'network.no_discover',
    kind: 'switch',
    help: 'prevent the node from discovering other peers',
    paths: ['network.discovery'],
    read: (value) => [!value],
  },
  {
    flag: 'seal',
    key: 'seal',
    kind: 'switch',
    help: 'seal blocks while the validator keys of this node are enough for one',
    shown: 'true',
    paths: ['blockchain.seal'],
    read: (value) => [value],
  },
  ...POOL_SETTINGS,
  {
    flag: 'log-level',
    key: 'log_level',
    kind: 'text',
    help: 'the log level: trace, debug, info, warn, error or off',
    shown: telemetry.logLevel.toUpperCase(),
    paths: ['telemetry.logLevel'],
    read: (value) => {
      const level = String(value).toLowerCase();
      return [level === 'trace' ? 'debug' : level];
    },
  },
  plain('log-to', 'log_to', 'telemetry.logFile', 'write all logs to the file instead of the console'),
  {
    flag: 'json',
    key: 'json_log_format',
    kind: 'switch',
    help: 'write logs as JSON lines',
    paths: ['telemetry.logFormat'],
    read: (value) => [value ? 'json' : 'text'],
  },
  {
    flag: 'secrets-config',
    key: 'secrets_config',
    kind: 'text',
    help: 'the path to a SecretsManager config file; only the local type is supported',
    paths: [],
    read: (value) => {
      // Running on with other keys than the operator means would give the node another identity: refused, not warned.
      const type = secretsManagerType(String(value));
      if (type !== 'local')
        throw new SettingFault(`secrets manager ${JSON.stringify(type)} is not supported, only "local"`);
      return [];
    },
  },
];

/** Flags that the Go client does not have; their keys in the file stand with our own. */
const OURS: readonly Setting[] = [
  {
    flag: 'grpc-insecure-remote',
    key: 'edgekeeper.system.insecureRemote',
    kind: 'switch',
    help: 'allow the GRPC interface in plaintext on an address that is not loopback',
    paths: ['system.insecureRemote'],
    read: (value) => [value],
  },
  plain(
    'grpc-tls-cert',
    'edgekeeper.system.tls.certFile',
    'system.tls.certFile',
    'the certificate of the GRPC interface, which then takes encrypted connections only',
  ),
  plain('grpc-tls-key', 'edgekeeper.system.tls.keyFile', 'system.tls.keyFile', 'the key of that certificate'),
  plain(
    'grpc-tls-client-ca',
    'edgekeeper.system.tls.clientCaFile',
    'system.tls.clientCaFile',
    'the certificates that vouch for those of clients, which must then show one',
  ),
  plain(
    'grpc-token-file',
    'edgekeeper.access.tokenFile',
    'access.tokenFile',
    'who may call the GRPC interface by token: a file of lines role:name:token',
  ),
  {
    flag: 'strict',
    key: 'edgekeeper.blockchain.strict',
    kind: 'switch',
    help: 'refuse blocks that break a rule which only this node checks, and validator sets that only execution could prove',
    paths: ['blockchain.strict'],
    read: (value) => [value],
  },
  plain(
    'finality',
    'edgekeeper.blockchain.finality',
    'blockchain.finality',
    'engine: sealed blocks are final; reference: total difficulty decides, as in the Go client',
    blockchain.finality,
  ),
  plain(
    'checkpoint',
    'edgekeeper.blockchain.checkpoint',
    'blockchain.checkpoint',
    'begin at a checkpoint in place of genesis: the path of a checkpoint file, or number:hash',
  ),
  {
    flag: 'announce-pruned',
    key: 'edgekeeper.sync.announcePruned',
    kind: 'switch',
    help: 'tell peers our height although old blocks are not kept here',
    paths: ['sync.announcePruned'],
    read: (value) => [value],
  },
];

/** Flags of peer limits; what they mean together is in peer-limits.ts. */
export const PEER_LIMITS = {
  max: {
    flag: 'max-peers',
    key: 'network.max_peers',
    kind: 'number',
    help: "the node's max number of peers allowed",
    shown: String(network.maxInboundPeers + network.maxOutboundPeers),
    paths: [],
    group: 'peer-limits',
    read: () => [],
  },
  inbound: {
    flag: 'max-inbound-peers',
    key: 'network.max_inbound_peers',
    kind: 'number',
    help: "the node's max number of inbound peers allowed",
    shown: String(network.maxInboundPeers),
    paths: ['network.maxInboundPeers'],
    group: 'peer-limits',
    read: () => [],
  },
  outbound: {
    flag: 'max-outbound-peers',
    key: 'network.max_outbound_peers',
    kind: 'number',
    help: "the node's max number of outbound peers allowed",
    shown: String(network.maxOutboundPeers),
    paths: ['network.maxOutboundPeers'],
    group: 'peer-limits',
    read: () => [],
  },
} as const satisfies Record<string, Setting>;

/** Every setting that has a flag: those of the Go client's `server` and ours, in the order of `--help`. */
export const SETTINGS: readonly Setting[] = [
  ...EFFECTIVE,
  ...JSONRPC_SETTINGS,
  ...OURS,
  ...Object.values(PEER_LIMITS),
  ...WITHOUT_EFFECT,
];

/** The type that a SecretsManager config names. @see polygon-edge@597a0f3 secrets/config.go ReadConfig */
function secretsManagerType(path: string): unknown {
  try {
    const config: unknown = JSON.parse(readFileSync(path, 'utf8'));
    return typeof config === 'object' && config !== null && 'type' in config ? config.type : undefined;
  } catch (error) {
    throw new SettingFault(`unable to read secrets config file, ${osErrorText(error)}`);
  }
}

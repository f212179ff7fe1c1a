import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ConfigError, type ConfigFault } from './config.errors.js';
import { type LoadOptions, loadSettings } from './load.js';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'edgekeeper-config-'));
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

const given = (options: Partial<LoadOptions>) =>
  loadSettings({ needsChainFile: false, env: {}, ...options, flags: { 'data-dir': 'd', ...options.flags } });

function faultsOf(load: () => unknown): readonly ConfigFault[] {
  try {
    load();
  } catch (error) {
    if (error instanceof ConfigError && error.detail.code === 'CONFIG.INVALID') return error.detail.faults;
    throw error;
  }
  throw new Error('nothing was refused');
}

const sourcesOf = (load: () => unknown) => faultsOf(load).map(({ source }) => source);

function configFile(name: string, content: string): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

describe('defaults', () => {
  it('are those of the Go client', () => {
    const { settings, origins, warnings } = given({});
    expect(settings.node).toEqual({ chainPath: './genesis.json', dataDir: 'd' });
    expect(settings.network).toMatchObject({
      listenHost: '127.0.0.1',
      listenPort: 1478,
      discovery: true,
      maxInboundPeers: 32,
      maxOutboundPeers: 8,
    });
    expect(settings.system).toMatchObject({ grpcHost: '127.0.0.1', grpcPort: 9632 });
    expect(settings.blockchain.seal).toBe(true);
    expect(settings.telemetry).toEqual({ logLevel: 'info', logFormat: 'text', prometheusHost: '0.0.0.0' });
    expect(origins).toMatchObject({ 'node.dataDir': 'flag', 'node.chainPath': 'default' });
    expect(warnings).toEqual([]);
  });

  it('cannot be changed by who receives them', () => {
    const { settings } = given({});
    expect(() => Object.assign(settings.network.protocols, { sync: 'x' })).toThrow(TypeError);
  });

  it('of a command stand in for those of the schema', () => {
    const loaded = loadSettings({
      flags: {},
      fallbacks: { 'data-dir': 'own' },
      needsChainFile: false,
      env: {},
    });
    expect(loaded.settings.node.dataDir).toBe('own');
    expect(loaded.origins['node.dataDir']).toBe('default');
  });
});

describe('precedence', () => {
  const cases = [
    {
      name: 'a flag wins over all',
      flag: '127.0.0.1:1',
      env: '127.0.0.1:2',
      file: '127.0.0.1:3',
      port: 1,
      origin: 'flag',
    },
    {
      name: 'the environment wins over the file',
      env: '127.0.0.1:2',
      file: '127.0.0.1:3',
      port: 2,
      origin: 'env',
    },
    { name: 'the file wins over the default', file: '127.0.0.1:3', port: 3, origin: 'file' },
    { name: 'the default holds', port: 9632, origin: 'default' },
    { name: 'empty values are unset', flag: '', env: '', file: '', port: 9632, origin: 'default' },
  ];

  it.each(cases)('$name', ({ flag, env, file, port, origin }) => {
    const path = configFile('config.json', JSON.stringify(file === undefined ? {} : { grpc_addr: file }));
    const loaded = given({
      flags: { config: path, ...(flag === undefined ? {} : { 'grpc-address': flag }) },
      env: env === undefined ? {} : { EDGEKEEPER_GRPC_ADDRESS: env },
    });
    expect(loaded.settings.system.grpcPort).toBe(port);
    expect(loaded.origins['system.grpcPort']).toBe(origin);
  });

  it('holds for settings of our own', () => {
    const path = configFile(
      'config.yaml',
      'edgekeeper:\n  network:\n    dialTimeoutMs: 500\n    handshakeTimeoutMs: 600\n',
    );
    const { settings, origins } = given({
      env: { EDGEKEEPER_CONFIG: path, EDGEKEEPER_NETWORK_DIAL_TIMEOUT_MS: '700' },
    });
    expect(settings.network).toMatchObject({ dialTimeoutMs: 700, handshakeTimeoutMs: 600 });
    expect(origins).toMatchObject({ 'network.dialTimeoutMs': 'env', 'network.handshakeTimeoutMs': 'file' });
  });

  it('reads nested settings and booleans of our own', () => {
    const env = { EDGEKEEPER_NETWORK_PROTOCOLS_SYNC: '/x/1', EDGEKEEPER_BLOCKCHAIN_STORE: 'memory' };
    const { settings } = given({ env });
    expect(settings.network.protocols.sync).toBe('/x/1');
    expect(settings.blockchain.store).toBe('memory');
  });
});

describe('faults', () => {
  it('are all reported at once, each with its source', () => {
    const path = configFile(
      'config.json',
      JSON.stringify({ network: { dns_addr: '/dns4/-x' }, surprise: 1, seal: 'yes' }),
    );
    const sources = sourcesOf(() =>
      loadSettings({
        flags: { config: path, libp2p: '::', 'max-peers': '-2', nat: 'example', 'log-level': 'loud' },
        env: { EDGEKEEPER_GRPC_ADDRESS: 'x', EDGEKEEPER_NETWORK_DIAL_TIMEOUT_MS: '5' },
        needsChainFile: true,
      }),
    );
    expect([...sources].sort()).toEqual(
      [
        '--libp2p',
        '--max-peers',
        '--nat',
        '--log-level',
        'EDGEKEEPER_GRPC_ADDRESS',
        'EDGEKEEPER_NETWORK_DIAL_TIMEOUT_MS',
        'network.dns_addr',
        'surprise',
        'seal',
        'node.dataDir',
        '--chain',
      ].sort(),
    );
  });

  it('of a config file that cannot be read are all there is to say: what it would have set is not known', () => {
    const path = configFile('broken.yaml', 'data_dir: [');
    const load = () => loadSettings({ flags: { config: path }, env: {}, needsChainFile: true });
    expect(sourcesOf(load)).toEqual([path]);
    expect(sourcesOf(() => given({ flags: { config: 'missing.json', libp2p: 'x' } }))).toEqual([
      'missing.json',
    ]);
  });

  it('names the source in the text', () => {
    const [fault] = faultsOf(() => given({ flags: { libp2p: '127.0.0.1' } }));
    expect(fault?.text).toContain('--libp2p');
  });

  it('says what the Go client says where it has a text', () => {
    const texts = faultsOf(() =>
      loadSettings({ flags: { chain: 'missing.json' }, needsChainFile: true, env: {} }),
    );
    expect(texts.map(({ text }) => text)).toEqual([
      'data directory not defined',
      'open missing.json: no such file or directory',
    ]);
  });

  it('refuses a secrets manager that is not there, as other keys would be used', () => {
    const vault = configFile('vault.json', '{"type":"hashicorp-vault"}');
    const local = configFile('local.json', '{"type":"local"}');
    expect(sourcesOf(() => given({ flags: { 'secrets-config': vault } }))).toEqual(['--secrets-config']);
    expect(sourcesOf(() => given({ flags: { 'secrets-config': `${vault}.missing` } }))).toEqual([
      '--secrets-config',
    ]);
    expect(sourcesOf(() => given({ flags: { 'secrets-config': configFile('x', '7') } }))).toEqual([
      '--secrets-config',
    ]);
    expect(given({ flags: { 'secrets-config': local } }).warnings).toEqual([]);
  });
});

describe('meaning', () => {
  it.each([
    { flags: { libp2p: '0.0.0.0:2000' }, expect: { listenHost: '0.0.0.0', listenPort: 2000 } },
    { flags: { libp2p: ':2000' }, expect: { listenHost: '127.0.0.1', listenPort: 2000 } },
    { flags: { 'no-discover': true }, expect: { discovery: false } },
    { flags: { 'no-discover': 'false' }, expect: { discovery: true } },
    { flags: { nat: '10.0.0.1' }, expect: { natAddress: '10.0.0.1' } },
    { flags: { dns: '/dns4/node.example.org/' }, expect: { dnsAddress: 'dns4/node.example.org' } },
  ])('network: $flags', ({ flags, expect: wanted }) =>
    expect(given({ flags }).settings.network).toMatchObject(wanted),
  );

  it.each([
    { flags: { 'log-level': 'TRACE' }, expect: { logLevel: 'debug' } },
    { flags: { 'log-level': 'OFF' }, expect: { logLevel: 'off' } },
    { flags: { json: true }, expect: { logFormat: 'json' } },
    { flags: { 'log-to': 'x.log' }, expect: { logFile: 'x.log' } },
    { flags: { prometheus: ':5001' }, expect: { prometheusHost: '0.0.0.0', prometheusPort: 5001 } },
  ])('telemetry: $flags', ({ flags, expect: wanted }) =>
    expect(given({ flags }).settings.telemetry).toMatchObject(wanted),
  );

  it('seals unless told not to', () =>
    expect(given({ flags: { seal: 'false' } }).settings.blockchain.seal).toBe(false));
});

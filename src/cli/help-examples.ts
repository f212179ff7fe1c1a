/** What `--help` of a command shows as examples, by the command's words. */
export const HELP_EXAMPLES: Readonly<Record<string, readonly string[]>> = {
  server: [
    'server --chain genesis.json --data-dir ./data --libp2p 0.0.0.0:1478',
    'server --config node.yaml --log-level DEBUG',
  ],
  'server export': ['server export --type yaml'],
  dev: ['dev', 'dev --validators 4 --block-time 1s --data-dir ./chain'],
  status: ['status', 'status --details --json --grpc-address 127.0.0.1:9632'],
  peers: ['peers list'],
  'peers add': ['peers add --addr /ip4/192.0.2.1/tcp/1478/p2p/16Uiu2HA…'],
  'peers list': ['peers list', 'peers list --json'],
  'peers status': ['peers status --peer-id 16Uiu2HA…'],
  ibft: ['ibft snapshot'],
  'ibft status': ['ibft status'],
  'ibft snapshot': ['ibft snapshot', 'ibft snapshot --number 1000 --json'],
  'ibft propose': ['ibft propose --addr 0x… --vote auth', 'ibft propose --addr 0x… --vote drop'],
  'ibft candidates': ['ibft candidates'],
  txpool: ['txpool status'],
  'txpool status': ['txpool status', 'txpool status --json'],
  'txpool add': ['txpool add --raw 0x… --from 0x…'],
  'txpool subscribe': ['txpool subscribe', 'txpool subscribe --added --json'],
  monitor: ['monitor', 'monitor --json'],
  backup: [
    'backup --out chain.dat',
    'backup --out chain.edgekeeper --format edgekeeper --resume --from 0 --to 100000',
  ],
  verify: [
    'verify --chain genesis.json --restore chain.dat',
    'verify --chain genesis.json --data-dir ./data --store --checkpoint-out checkpoint.json',
  ],
  prove: ['prove --chain genesis.json --data-dir ./data --block 1000 --transaction 0'],
  genesis: [
    'genesis --consensus ibft --bootnode /ip4/192.0.2.1/tcp/1478/p2p/16Uiu2HA… --validators-path . --validators-prefix node-',
    'genesis --consensus ibft --bootnode … --ibft-validator-type ecdsa --validators 0x… --premine 0x…:1000000000000000000',
  ],
  doctor: [
    'doctor /dns4/node.example.org/tcp/1478/p2p/16Uiu2HA… --chain genesis.json',
    'doctor --chain genesis.json --data-dir ./data --bundle report.tar.gz',
  ],
  secrets: ['secrets output --data-dir ./data'],
  'secrets init': [
    'secrets init --data-dir ./data --insecure',
    'secrets init --data-dir node- --num 4 --insecure',
  ],
  'secrets output': ['secrets output --data-dir ./data', 'secrets output --data-dir ./data --node-id'],
  version: ['version'],
};

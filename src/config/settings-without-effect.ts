import type { Setting, SettingValue, ValueKind } from './setting.js';

const noEffect = (
  flag: string,
  key: string | undefined,
  kind: ValueKind,
  missing: string,
  ...goDefaults: readonly SettingValue[]
): Setting => ({
  flag,
  ...(key === undefined ? { hidden: true as const } : { key }),
  kind,
  help: `accepted, without effect: ${missing}`,
  noEffect: { missing, goDefaults },
  paths: [],
  read: () => [],
});

const NO_LOGS = 'there are no logs and traces, which need execution';
const NO_DEV = 'a chain of its own is made by `edgekeeper dev`';

/** Settings of the Go client that are taken and do nothing here. */
export const WITHOUT_EFFECT: readonly Setting[] = [
  noEffect('json-rpc-block-range-limit', 'json_rpc_block_range_limit', 'number', NO_LOGS, 1_000),
  noEffect('concurrent-requests-debug', 'concurrent_requests_debug', 'number', NO_LOGS, 32),
  noEffect(
    'block-gas-target',
    'block_gas_target',
    'text',
    "a sealed block keeps its parent's gas limit",
    '0x0',
  ),
  noEffect('relayer', 'relayer', 'switch', 'there is no PolyBFT state sync relayer', false),
  noEffect('num-block-confirmations', 'num_block_confirmations', 'number', 'there is no event tracker', 64),
  noEffect(
    'metrics-interval',
    'metrics_interval',
    'text',
    'metrics are taken when they are read',
    '8s',
    '8000000000',
  ),
  noEffect('dev', undefined, 'switch', NO_DEV),
  noEffect('dev-interval', undefined, 'number', NO_DEV),
  noEffect('ibft-base-timeout', undefined, 'number', 'the Go client ignores it too'),
];

/** Read by the Go client and used by nobody, there as here. */
export const IGNORED_KEYS: readonly string[] = ['headers.access_control_allow_origins'];

import { SystemClock } from '../../src/common/clock.js';
import { SilentLogger } from '../../src/common/logger.port.js';
import { NoMetrics } from '../../src/common/metrics.port.js';
import type { HostContext } from '../../src/modules/network/host-context.js';
import { ResourceLedger } from '../../src/modules/network/limits/resource-ledger.js';
import { networkConfigSchema } from '../../src/modules/network/network.config.js';
import { createNetworkMetrics } from '../../src/modules/network/network.metrics.js';
import { testNetworkKey } from './peer-ids.js';

export interface HostContextOptions extends Partial<Omit<HostContext, 'config' | 'setup'>> {
  /** Settings that differ from the defaults; the port is a free one. */
  readonly config?: object;
}

/** What a host of key `n` is made of: chain 100, no bans, nothing logged or counted. */
export function aHostContext(n: number, { config = {}, ...given }: HostContextOptions = {}): HostContext {
  const settings = networkConfigSchema.parse({ listenPort: 0, peerStore: 'memory', ...config });
  return {
    config: settings,
    setup: {
      chainId: 100,
      genesisHash: () => undefined,
      bootnodes: undefined,
      networkKey: testNetworkKey(n),
    },
    clock: new SystemClock(),
    log: new SilentLogger(),
    metrics: createNetworkMetrics(new NoMetrics()),
    ledger: new ResourceLedger({ limits: settings.limits, onRefused: () => {} }),
    agent: 'edgekeeper/test',
    isRefused: () => false,
    onMisbehaviour: () => {},
    ...given,
  };
}

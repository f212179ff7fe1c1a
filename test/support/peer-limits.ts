import type { Clock } from '../../src/common/clock.js';
import { CallRates } from '../../src/modules/network/limits/call-rates.js';
import { ResourceLedger } from '../../src/modules/network/limits/resource-ledger.js';
import { networkConfigSchema } from '../../src/modules/network/network.config.js';
import type { NetworkError } from '../../src/modules/network/network.errors.js';

/** What bounds peers, with the default settings but for those given, and the codes of what it refused. */
export function peerLimits(clock: Clock, settings: object = {}) {
  const { limits } = networkConfigSchema.parse({ limits: settings });
  const refused: string[] = [];
  const tell = (error: NetworkError) => refused.push(error.code);
  return {
    limits,
    refused,
    ledger: new ResourceLedger({ limits, onRefused: ({ error }) => tell(error) }),
    rates: new CallRates({ clock, limits, onRefused: (_, error) => tell(error) }),
  };
}

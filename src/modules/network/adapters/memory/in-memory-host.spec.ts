import { hostContract } from '../../../../../test/contract/host.contract.js';
import { testPeerId } from '../../../../../test/support/peer-ids.js';
import { SystemClock } from '../../../../common/clock.js';
import type { ConnectionFilter } from '../../ports/host.port.js';
import { InMemoryHost } from './in-memory-host.js';
import { MemoryNetwork } from './memory-network.js';

hostContract('InMemoryHost', async () => {
  const network = new MemoryNetwork();
  const clock = new SystemClock();
  let made = 0;
  const create = async (isRefused?: ConnectionFilter) => {
    made += 1;
    return new InMemoryHost({ network, peerId: testPeerId(made), clock, isRefused });
  };
  return {
    create,
    createAtSamePlace: async ({ peerId }) => new InMemoryHost({ network, peerId, clock }),
    refusingTransport: async () => '/memory/999',
    silentTransport: async () => network.silentAddress(),
    close: async () => {},
  };
});

import { describe, expect, it } from '@jest/globals';
import { Subject } from 'rxjs';
import { peerDiscoveryContract } from '../../../../test/contract/peer-discovery.contract.js';
import { aPeerId } from '../../../../test/support/peer-ids.js';
import { SilentLogger } from '../../../common/logger.port.js';
import type { Candidate } from '../ports/peer-discovery.port.js';
import type { PeerAddress } from '../ports/types.js';
import { StaticDiscovery } from './static-discovery.js';

const at = (n: number): PeerAddress => ({ peerId: aPeerId(n), transport: `/ip4/127.0.0.1/tcp/${n}` });

function pinning(...addresses: PeerAddress[]) {
  const changed$ = new Subject<void>();
  const pinned = { changed$, statics: () => addresses };
  return { addresses, changed$, discovery: new StaticDiscovery(pinned, new SilentLogger()) };
}

peerDiscoveryContract(StaticDiscovery.name, async () => {
  const { discovery, changed$ } = pinning(at(1), at(2));
  return {
    discovery,
    known: at(1),
    unknown: aPeerId(3),
    reveal: async () => changed$.next(),
    close: async () => {},
  };
});

describe(StaticDiscovery.name, () => {
  it('tells all at start and after each change', async () => {
    const { discovery, addresses, changed$ } = pinning(at(1));
    const told: Candidate[] = [];
    discovery.candidates$.subscribe((candidate) => told.push(candidate));
    await discovery.start();
    addresses.push(at(2));
    changed$.next();
    const candidate = (n: number) => ({ address: at(n), source: 'static' });
    expect(told).toEqual([candidate(1), candidate(1), candidate(2)]);
  });
});

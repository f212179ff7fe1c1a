import { describe, expect, it } from '@jest/globals';
import { aPeerId } from '../../../../test/support/peer-ids.js';
import { parseNetworks } from '../address/cidr.js';
import type { PeerId } from '../ports/types.js';
import { AnnouncePolicy } from './announce-policy.js';

const PUBLIC = '/ip4/9.9.9.9/tcp/1';
const PRIVATE = '/ip4/10.0.0.1/tcp/1';
const DENIED = '/ip4/7.7.7.7/tcp/1';
const BANNED = '/ip4/6.6.6.6/tcp/1';
const peer = aPeerId(1);
const quarantined = aPeerId(2);
const banned = aPeerId(3);

describe(AnnouncePolicy.name, () => {
  const book = { quarantinedUntilMs: (peerId: PeerId) => (peerId === quarantined ? 1 : undefined) };
  const isRefused = (transport: string, peerId?: PeerId) => transport === BANNED || peerId === banned;
  const policy = new AnnouncePolicy(parseNetworks(['7.0.0.0/8']), book, { isRefused });

  it.each([
    { name: 'a peer', peerId: peer, transports: [PUBLIC], isPublic: true, told: PUBLIC },
    { name: 'no quarantined peer', peerId: quarantined, transports: [PUBLIC], isPublic: true },
    { name: 'no banned peer', peerId: banned, transports: [PUBLIC], isPublic: true },
    { name: 'no denied address', peerId: peer, transports: [DENIED], isPublic: false },
    { name: 'no banned address', peerId: peer, transports: [BANNED], isPublic: false },
    {
      name: 'the first that may be told',
      peerId: peer,
      transports: [DENIED, BANNED, PUBLIC],
      isPublic: true,
      told: PUBLIC,
    },
    { name: 'no private address to the public', peerId: peer, transports: [PRIVATE], isPublic: true },
    {
      name: 'a private address at home',
      peerId: peer,
      transports: [PRIVATE],
      isPublic: false,
      told: PRIVATE,
    },
    { name: 'nothing without transport', peerId: peer, transports: ['', '/'], isPublic: false },
  ])('tells $name', ({ peerId, transports, isPublic, told }) => {
    const expected = told === undefined ? undefined : { peerId, transport: told };
    expect(policy.addressFor(peerId, transports, isPublic)).toEqual(expected);
  });
});

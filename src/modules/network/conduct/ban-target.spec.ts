import { describe, expect, it } from '@jest/globals';
import { testPeerId } from '../../../../test/support/peer-ids.js';
import { parseBanTarget, targetName } from './ban-target.js';

describe(parseBanTarget.name, () => {
  it.each([
    ['192.0.2.7', { kind: 'network', cidr: '192.0.2.7/32' }],
    ['::ffff:192.0.2.7/120', { kind: 'network', cidr: '192.0.2.0/24' }],
    ['2001:DB8::/32', { kind: 'network', cidr: '2001:db8::/32' }],
    [testPeerId(1), { kind: 'peer', peerId: testPeerId(1) }],
  ])('%s', (text, target) => expect(parseBanTarget(text)).toEqual(target));

  it.each([
    { name: 'nothing', text: '', reason: /peer ID/ },
    { name: 'no peer ID', text: 'Qmmm', reason: /peer ID/ },
    { name: 'no IP address', text: '192.0.2.256', reason: /IP address/ },
    { name: 'a prefix too long', text: '2001:db8::/129', reason: /CIDR/ },
    { name: 'a multiaddr', text: '/ip4/192.0.2.7/tcp/1', reason: /CIDR/ },
    { name: 'far too much', text: 'Q'.repeat(100_000), reason: /longer/ },
  ])('refuses $name', ({ text, reason }) => {
    const detail = { target: text.slice(0, 128), reason: expect.stringMatching(reason) };
    const refused = { code: 'NETWORK.BAD_BAN_TARGET', detail: expect.objectContaining(detail) };
    expect(() => parseBanTarget(text)).toThrow(expect.objectContaining(refused));
  });
});

describe(targetName.name, () => {
  it.each(['192.0.2.0/24', testPeerId(2)])('%s is parsed to what it names', (name) => {
    expect(targetName(parseBanTarget(name))).toBe(name);
  });
});

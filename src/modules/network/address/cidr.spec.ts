import { describe, expect, it } from '@jest/globals';
import { NetworkList, parseCidr, parseNetworks } from './cidr.js';

describe(parseCidr.name, () => {
  it.each([
    { text: '10.0.0.0/8', expected: { family: 'ipv4', address: '10.0.0.0', prefix: 8 } },
    { text: '0.0.0.0/0', expected: { family: 'ipv4', address: '0.0.0.0', prefix: 0 } },
    { text: '1.2.3.4', expected: { family: 'ipv4', address: '1.2.3.4', prefix: 32 } },
    { text: '2001:db8::/32', expected: { family: 'ipv6', address: '2001:db8::', prefix: 32 } },
    { text: '::1', expected: { family: 'ipv6', address: '::1', prefix: 128 } },
    ...['', '/', 'example.org', '10.0.0.0/33', '::/129', '10.0.0.0/', '10.0.0.0/08', '10.0.0.0/-1'].map(
      (text) => ({ text, expected: undefined }),
    ),
    ...['10.0.0.0/8/8', '10.0.0/8', '10.0.0.0/ 8', 'fe80::1%eth0/64', '1.2.3.4/1e1'].map((text) => ({
      text,
      expected: undefined,
    })),
  ])('of "$text"', ({ text, expected }) => {
    expect(parseCidr(text)).toEqual(expected);
  });
});

describe(NetworkList.name, () => {
  const list = parseNetworks(['10.0.0.0/8', '1.2.3.4', '2001:db8::/32']);

  it.each([
    { transport: '/ip4/10.255.0.1/tcp/1', inside: true },
    { transport: '/ip4/11.0.0.1/tcp/1', inside: false },
    { transport: '/ip4/1.2.3.4/tcp/1', inside: true },
    { transport: '/ip4/1.2.3.5/tcp/1', inside: false },
    { transport: '/ip6/2001:db8:1::1/tcp/1', inside: true },
    { transport: '/ip6/2001:db9::1/tcp/1', inside: false },
    { transport: '/ip6/::ffff:10.0.0.1/tcp/1', inside: true },
    { transport: '/ip6/::ffff:a00:1/tcp/1', inside: true },
    { transport: '/dns4/10.0.0.1/tcp/1', inside: false },
    { transport: '/ip4/x/tcp/1', inside: false },
    { transport: '', inside: false },
  ])('"$transport" is inside: $inside', ({ transport, inside }) => {
    expect(list.has(transport)).toBe(inside);
  });

  it('holds nothing when it is empty', () => {
    expect(new NetworkList([]).has('/ip4/10.0.0.1/tcp/1')).toBe(false);
  });
});

describe(parseNetworks.name, () => {
  it('refuses what is no network', () => {
    expect(() => parseNetworks(['10.0.0.0/8', 'example.org'])).toThrow(
      expect.objectContaining({ code: 'NETWORK.SETUP_INVALID' }),
    );
  });
});

import { describe, expect, it } from '@jest/globals';
import { formatCidr, ipNetworkOf, parseIpNetwork, widen } from './ip-network.js';

describe(parseIpNetwork.name, () => {
  it.each([
    ['192.0.2.7', '192.0.2.7/32'],
    ['192.0.2.7/32', '192.0.2.7/32'],
    ['192.0.2.7/24', '192.0.2.0/24'],
    ['255.255.255.255/1', '128.0.0.0/1'],
    ['10.1.2.3/0', '0.0.0.0/0'],
    ['2001:DB8::1', '2001:db8::1/128'],
    ['2001:0db8:0:0:1:0:0:1', '2001:db8::1:0:0:1/128'],
    ['2001:db8:ffff:ffff::/33', '2001:db8:8000::/33'],
    ['::', '::/128'],
    ['::1', '::1/128'],
    ['fe80::1/10', 'fe80::/10'],
    ['::/0', '::/0'],
    ['::ffff:192.0.2.7', '192.0.2.7/32'],
    ['::ffff:c000:207', '192.0.2.7/32'],
    ['::ffff:192.0.2.7/120', '192.0.2.0/24'],
    ['::ffff:192.0.2.7/96', '0.0.0.0/0'],
    // Wider than what is mapped: IPv6 for good.
    ['::ffff:192.0.2.7/95', '::fffe:0:0/95'],
    ['::1:ffff:192.0.2.7', '::1:ffff:c000:207/128'],
  ])('%s is %s', (text, cidr) => {
    const network = parseIpNetwork(text);
    expect(network && formatCidr(network)).toBe(cidr);
    // What was formatted is parsed to the same.
    expect(parseIpNetwork(cidr)).toEqual(network);
  });

  it.each([
    '',
    '/',
    '/24',
    '192.0.2.7/',
    '192.0.2.7/33',
    '192.0.2.7/-1',
    '192.0.2.7/08',
    '192.0.2.7/1e1',
    '192.0.2.7/24/24',
    '192.0.2.256',
    '192.0.2.07',
    '192.0.2',
    '::1/129',
    '::1/1000',
    'fe80::1%eth0',
    ':::',
    'example.org',
    ' 192.0.2.7',
  ])('%j is none', (text) => expect(parseIpNetwork(text)).toBeUndefined());
});

describe(ipNetworkOf.name, () => {
  it.each([
    ['/ip4/192.0.2.7/tcp/1478', '192.0.2.7/32'],
    ['/ip6/::ffff:192.0.2.7/tcp/1478', '192.0.2.7/32'],
    ['/ip6/2001:db8::1/udp/1/quic-v1', '2001:db8::1/128'],
    ['/dns4/192.0.2.7/tcp/1', undefined],
    ['/memory/4', undefined],
    ['/ip4', undefined],
    ['', undefined],
  ])('%s is in %s', (transport, cidr) => {
    const network = ipNetworkOf(transport);
    expect(network && formatCidr(network)).toBe(cidr);
  });
});

describe(widen.name, () => {
  it.each([
    ['192.0.2.7', 31, '192.0.2.6/31'],
    ['192.0.2.7', 32, '192.0.2.7/32'],
    ['192.0.2.7', 0, '0.0.0.0/0'],
    ['2001:db8::ff', 121, '2001:db8::80/121'],
  ])('%s to %s bits', (text, prefix, cidr) => {
    const network = parseIpNetwork(text);
    expect(network && formatCidr(widen(network, prefix))).toBe(cidr);
  });
});

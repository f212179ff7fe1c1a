import { describe, expect, it } from '@jest/globals';
import { networkConfigSchema } from '../../network.config.js';
import { announcedHost, listenAddress } from './advertised-addresses.js';

const config = (settings: object) => networkConfigSchema.parse(settings);
const codeOf = (work: () => unknown): unknown => {
  try {
    return work();
  } catch (error) {
    return (error as { code?: unknown }).code;
  }
};

describe('listenAddress', () => {
  it.each([
    [{}, '/ip4/127.0.0.1/tcp/1478'],
    [{ listenHost: '0.0.0.0', listenPort: 0 }, '/ip4/0.0.0.0/tcp/0'],
    [{ listenHost: '::1', listenPort: 9 }, '/ip6/::1/tcp/9'],
  ])('of %j is %s', (settings, expected) => {
    expect(listenAddress(config(settings))).toBe(expected);
  });

  it('takes no names', () => {
    expect(codeOf(() => listenAddress(config({ listenHost: 'localhost' })))).toBe('NETWORK.LISTEN_FAILED');
  });
});

describe('announcedHost', () => {
  it.each([
    [{}, undefined],
    [{ natAddress: '203.0.113.7' }, '/ip4/203.0.113.7'],
    [{ natAddress: '2001:db8::7' }, '/ip6/2001:db8::7'],
    [{ dnsAddress: 'dns4/example.com' }, '/dns4/example.com'],
    [{ dnsAddress: '/dns4/ex-ample.com' }, '/dns4/ex-ample.com'],
    [{ dnsAddress: '/dns6/foo.io/' }, '/dns6/foo.io'],
    [{ dnsAddress: 'dns/a.b.example.com' }, '/dns/a.b.example.com'],
    [{ dnsAddress: 'DNS4/localhost' }, '/dns4/localhost'],
    [{ dnsAddress: 'dns4/edge_node_1' }, '/dns4/edge_node_1'],
    [{ dnsAddress: 'dns4/x.co' }, '/dns4/x.co'],
    [{ dnsAddress: 'dns4/1.xn--mnchen-3ya.example' }, '/dns4/1.xn--mnchen-3ya.example'],
    [{ dnsAddress: `dns4/${'a'.repeat(63)}.b` }, `/dns4/${'a'.repeat(63)}.b`],
    [{ natAddress: '::ffff:192.0.2.1' }, '/ip6/::ffff:192.0.2.1'],
    [{ natAddress: '203.0.113.7', dnsAddress: 'dns4/example.com' }, '/ip4/203.0.113.7'],
  ])('of %j is %s', (settings, expected) => {
    expect(announcedHost(config(settings))).toBe(expected);
  });

  it.each([
    { natAddress: 'example.com' },
    { natAddress: '' },
    { dnsAddress: 'example.com' },
    { dnsAddress: 'dns5/example.com' },
    { dnsAddress: 'dns4/' },
    { dnsAddress: 'dns4/a/b' },
    { dnsAddress: 'dns4/-a' },
    { dnsAddress: 'dns4/a..b' },
    { dnsAddress: 'dns4/a.-b' },
    { dnsAddress: 'dns4/ä.b' },
    { dnsAddress: 'dns4/a b' },
    { dnsAddress: `dns4/${'a'.repeat(64)}.b` },
    { natAddress: 'fe80::1%eth0' },
    { dnsAddress: `dns4/${'a'.repeat(300)}` },
  ])('refuses %j', (settings) => {
    expect(codeOf(() => announcedHost(config(settings)))).toBe('NETWORK.BAD_ADDRESS');
  });
});

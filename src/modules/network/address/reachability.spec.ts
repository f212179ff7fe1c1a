import { describe, expect, it } from '@jest/globals';
import { parsePeerId } from './peer-id.js';
import { chooseAddress, isDialable, isLoopback, isPublic } from './reachability.js';

const peerId = parsePeerId('16Uiu2HAm6XocVi7fVj7gB9WUn6euWtRvarz2shhP6jkrf67HfK7b');

describe('reachability', () => {
  it.each([
    { transport: '/ip4/127.0.0.1/tcp/1', loopback: true, open: false },
    { transport: '/ip4/127.9.9.9/tcp/1', loopback: true, open: false },
    { transport: '/ip6/::1/tcp/1', loopback: true, open: false },
    { transport: '/ip6/::/tcp/1', loopback: false, open: false },
    { transport: '/ip6/::1:2/tcp/1', loopback: false, open: true },
    { transport: '/ip4/0.0.0.0/tcp/1', loopback: false, open: false },
    { transport: '/ip4/10.1.2.3/tcp/1', loopback: false, open: false },
    { transport: '/ip4/100.64.0.1/tcp/1', loopback: false, open: false },
    { transport: '/ip4/169.254.1.1/tcp/1', loopback: false, open: false },
    { transport: '/ip4/172.16.0.1/tcp/1', loopback: false, open: false },
    { transport: '/ip4/172.32.0.1/tcp/1', loopback: false, open: true },
    { transport: '/ip4/192.168.1.1/tcp/1', loopback: false, open: false },
    { transport: '/ip4/8.8.8.8/tcp/1', loopback: false, open: true },
    { transport: '/ip6/fd00::1/tcp/1', loopback: false, open: false },
    { transport: '/ip6/fe80::1/tcp/1', loopback: false, open: false },
    { transport: '/ip6/::ffff:a00:1/tcp/1', loopback: false, open: false },
    { transport: '/ip6/2001:db8::1/tcp/1', loopback: false, open: true },
    { transport: '/dns4/node.example.org/tcp/1', loopback: false, open: true },
    { transport: '/dns4/localhost/tcp/1', loopback: false, open: false },
    { transport: '', loopback: false, open: false },
  ])('$transport', ({ transport, loopback, open }) => {
    expect(isLoopback(transport)).toBe(loopback);
    expect(isPublic(transport)).toBe(open);
  });
});

describe(isDialable.name, () => {
  it.each([
    ['/ip4/1.2.3.4/tcp/1', true],
    ['/ip6/::1/tcp/1', true],
    ['/dns/a/tcp/1', true],
    ['/dns6/a.b/tcp/1', true],
    ['/memory/1', true],
    ['/ip4/1.2.3.4/tcp/0', false],
    ['/ip4/1.2.3.4/tcp/1/ws', false],
    ['/ip4/1.2.3.4/udp/1/quic-v1', false],
    ['/ip4/1.2.3.4', false],
    ['/dnsaddr/a.b', true],
    ['/dnsaddr/a.b/tcp/1', false],
    ['', false],
  ])('%s: %s', (transport, expected) => {
    expect(isDialable(transport)).toBe(expected);
  });
});

describe(chooseAddress.name, () => {
  const loopback = '/ip4/127.0.0.1/tcp/1';
  const lan = '/ip4/10.0.0.1/tcp/1';
  const name = '/dns4/a.example/tcp/1';
  it.each([
    { name: 'none', given: [], expected: undefined },
    { name: 'only the ID', given: [''], expected: undefined },
    { name: 'the only one, loopback or not', given: [loopback], expected: loopback },
    { name: 'the first', given: [lan, loopback, name], expected: lan },
    { name: 'the first that is not loopback', given: [loopback, lan, name], expected: lan },
    { name: 'the first when all are loopback', given: [loopback, '/ip6/::1/tcp/1'], expected: loopback },
    { name: 'a DNS name in its place', given: [name, lan], expected: name },
  ])('$name', ({ given, expected }) => {
    expect(chooseAddress(peerId, given)?.transport).toBe(expected);
  });
});

import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { NetworkError } from '../network.errors.js';
import { formatPeerAddress, parsePeerAddress } from './peer-address.js';

const ID = '16Uiu2HAm6XocVi7fVj7gB9WUn6euWtRvarz2shhP6jkrf67HfK7b';

function refusal(text: string): NetworkError {
  try {
    parsePeerAddress(text);
  } catch (error) {
    if (error instanceof NetworkError) return error;
  }
  throw new Error(`${text} was not refused`);
}

describe(parsePeerAddress.name, () => {
  // Results of go-multiaddr 0.12 and go-libp2p 0.32 for the same texts.
  it.each([
    ['/ip4/1.2.3.4/tcp/65535', '/ip4/1.2.3.4/tcp/65535'],
    ['/ip4/1.2.3.4/tcp/007', '/ip4/1.2.3.4/tcp/7'],
    ['/ip6/::1/tcp/1', '/ip6/::1/tcp/1'],
    ['/ip6/0:0:0:0:0:0:0:1/tcp/1', '/ip6/::1/tcp/1'],
    ['/ip6/2001:DB8::0001/tcp/1', '/ip6/2001:db8::1/tcp/1'],
    ['/ip6/64:ff9b::1.2.3.4/tcp/1', '/ip6/64:ff9b::102:304/tcp/1'],
    ['/ip6/1:0:0:2:0:0:0:3/tcp/1', '/ip6/1:0:0:2::3/tcp/1'],
    ['/ip6/1:0:0:2:3:0:0:4/tcp/1', '/ip6/1::2:3:0:0:4/tcp/1'],
    ['/dns4/example.com/tcp/1478', '/dns4/example.com/tcp/1478'],
    ['/dns/node1/tcp/1', '/dns/node1/tcp/1'],
    ['/dnsaddr/example.com', '/dnsaddr/example.com'],
    ['/ip4/1.2.3.4/udp/1/quic-v1', '/ip4/1.2.3.4/udp/1/quic-v1'],
    ['/ip4/1.2.3.4/tcp/1/ws', '/ip4/1.2.3.4/tcp/1/ws'],
    ['/ip4/1.2.3.4/tcp/1/wss', '/ip4/1.2.3.4/tcp/1/wss'],
    ['', ''],
  ])('takes %s', (text, transport) => {
    expect(parsePeerAddress(`${text}/p2p/${ID}`)).toEqual({ peerId: ID, transport });
    expect(parsePeerAddress(`${text}/p2p/${ID}//`)).toEqual({ peerId: ID, transport });
  });

  // Texts of the same libraries.
  it.each([
    ['', 'failed to parse multiaddr "": empty multiaddr'],
    ['//', 'failed to parse multiaddr "": empty multiaddr'],
    ['x', 'failed to parse multiaddr "x": must begin with /'],
    ['/foo', 'failed to parse multiaddr "/foo": unknown protocol foo'],
    ['/ip4', 'failed to parse multiaddr "/ip4": unexpected end of multiaddr'],
    ['/ip4/1.2.3.4/tcp/', 'failed to parse multiaddr "/ip4/1.2.3.4/tcp": unexpected end of multiaddr'],
    [
      '/ip4/garbage',
      'failed to parse multiaddr "/ip4/garbage": invalid value "garbage" for protocol ip4: failed to parse ip4 addr: garbage',
    ],
    [
      '/ip4/01.2.3.4/tcp/1',
      'failed to parse multiaddr "/ip4/01.2.3.4/tcp/1": invalid value "01.2.3.4" for protocol ip4: failed to parse ip4 addr: 01.2.3.4',
    ],
    [
      '/ip6/fe80::1%eth0/tcp/1',
      'failed to parse multiaddr "/ip6/fe80::1%eth0/tcp/1": invalid value "fe80::1%eth0" for protocol ip6: failed to parse ip6 addr: fe80::1%eth0',
    ],
    [
      '/ip4/1.2.3.4/tcp/99999',
      'failed to parse multiaddr "/ip4/1.2.3.4/tcp/99999": invalid value "99999" for protocol tcp: failed to parse port addr: greater than 65536',
    ],
    [
      '/ip4/1.2.3.4/tcp/1e3',
      'failed to parse multiaddr "/ip4/1.2.3.4/tcp/1e3": invalid value "1e3" for protocol tcp: failed to parse port addr: strconv.Atoi: parsing "1e3": invalid syntax',
    ],
    [
      '/ip4/1.2.3.4/tcp/99999999999999999999',
      'failed to parse multiaddr "/ip4/1.2.3.4/tcp/99999999999999999999": invalid value "99999999999999999999" for protocol tcp: failed to parse port addr: strconv.Atoi: parsing "99999999999999999999": value out of range',
    ],
    [
      '/p2p/xyz',
      'failed to parse multiaddr "/p2p/xyz": invalid value "xyz" for protocol p2p: failed to parse p2p addr: xyz invalid cid: selected encoding not supported',
    ],
    ['/ip4/1.2.3.4/tcp/1', 'invalid p2p multiaddr'],
    [`/p2p/${ID}/tcp/1`, 'invalid p2p multiaddr'],
  ])('refuses %j with the text of the Go client', (text, message) => {
    expect(refusal(text)).toMatchObject({ code: 'NETWORK.BAD_ADDRESS', message });
  });

  it.each([
    ['a second ID', `/p2p/${ID}/p2p/${ID}`],
    ['a transport after the ID', `/ip4/1.2.3.4/p2p/${ID}/ws`],
    ['a negative port', `/ip4/1.2.3.4/tcp/-1/p2p/${ID}`],
    ['an empty name', `/dns4//tcp/1/p2p/${ID}`],
    ['a name of 254 characters', `/dns4/${'a'.repeat(254)}/tcp/1/p2p/${ID}`],
    ['a name with odd characters', `/dns4/a b/tcp/1/p2p/${ID}`],
    ['a protocol nobody dials', `/unix/tmp/p2p/${ID}`],
  ])('refuses %s', (_, text) => {
    expect(refusal(text).code).toBe('NETWORK.BAD_ADDRESS');
  });

  it('takes a name of full length', () => {
    const transport = `/dns4/${'a'.repeat(253)}/tcp/1`;
    expect(parsePeerAddress(`${transport}/p2p/${ID}`).transport).toBe(transport);
  });

  it('does not look at a long text, nor keep it', () => {
    const error = refusal(`/ip4/${'1'.repeat(10_000_000)}`);
    expect(error.code).toBe('NETWORK.BAD_ADDRESS');
    expect(JSON.stringify(error.detail).length).toBeLessThan(1_000);
  });

  it('throws nothing but its own error on junk, and reads what it formats', () => {
    const part = fc.oneof(
      fc.constantFrom('ip4', 'ip6', 'tcp', 'udp', 'p2p', 'ws', 'dns4', '1.2.3.4', '::1', '1', ID, ''),
      fc.string({ maxLength: 8 }),
    );
    fc.assert(
      fc.property(fc.array(part, { maxLength: 8 }), (parts) => {
        try {
          const address = parsePeerAddress(parts.map((text) => `/${text}`).join(''));
          expect(parsePeerAddress(formatPeerAddress(address))).toEqual(address);
        } catch (error) {
          if (!(error instanceof NetworkError)) throw error;
        }
      }),
    );
  });
});

import { describe, expect, it } from '@jest/globals';
import { testPeerId } from '../../../../../test/support/peer-ids.js';
import { type NameLookup, placesOf } from './name-resolution.js';

const peerId = testPeerId(1);
const other = testPeerId(2);

/** @param zone Answers by what is asked: a name with its family, or a name of TXT records. */
function lookupOf(zone: Record<string, readonly string[]>) {
  const asked: string[] = [];
  const answer = async (question: string) => {
    asked.push(question);
    const known = zone[question];
    if (known === undefined) throw new Error(`ENOTFOUND ${question}`);
    return known;
  };
  const names: NameLookup = {
    addresses: (name, family) => answer(`${name} ${family}`),
    texts: answer,
  };
  return { names, asked };
}

const places = (transport: string, zone: Record<string, readonly string[]>) =>
  placesOf({ peerId, transport }, lookupOf(zone).names, new AbortController().signal);

describe(placesOf.name, () => {
  it.each([
    { transport: '/ip4/1.2.3.4/tcp/5', zone: {}, expected: ['/ip4/1.2.3.4/tcp/5'] },
    { transport: '/ip6/::1/tcp/5', zone: {}, expected: ['/ip6/::1/tcp/5'] },
    {
      transport: '/dns4/a.test/tcp/5',
      zone: { 'a.test 4': ['1.2.3.4', '1.2.3.5', '1.2.3.4'] },
      expected: ['/ip4/1.2.3.4/tcp/5', '/ip4/1.2.3.5/tcp/5'],
    },
    { transport: '/dns6/a.test/tcp/5', zone: { 'a.test 6': ['::2'] }, expected: ['/ip6/::2/tcp/5'] },
    {
      transport: '/dns/a.test/tcp/5',
      zone: { 'a.test 0': ['::2', '1.2.3.4'] },
      expected: ['/ip6/::2/tcp/5', '/ip4/1.2.3.4/tcp/5'],
    },
  ])('of $transport', async ({ transport, zone, expected }) => {
    expect(await places(transport, zone)).toEqual(expected);
  });

  it('follow /dnsaddr through other names, to entries of this peer only', async () => {
    const found = await places('/dnsaddr/a.test', {
      '_dnsaddr.a.test': [
        'v=spf1 -all',
        'dnsaddr=nonsense',
        'dnsaddr=/ip4/1.1.1.1/tcp/1',
        `dnsaddr=/ip4/1.1.1.1/tcp/1/p2p/${other}`,
        `dnsaddr=/ip4/1.1.1.1/udp/1/quic-v1/p2p/${peerId}`,
        `dnsaddr=/dnsaddr/gone.test/p2p/${peerId}`,
        `dnsaddr=/dnsaddr/b.test/p2p/${peerId}`,
        `dnsaddr=/ip4/2.2.2.2/tcp/2/p2p/${peerId}`,
      ],
      '_dnsaddr.b.test': [`dnsaddr=/dns4/c.test/tcp/3/p2p/${peerId}`],
      'c.test 4': ['3.3.3.3'],
    });
    expect(found).toEqual(['/ip4/3.3.3.3/tcp/3', '/ip4/2.2.2.2/tcp/2']);
  });

  it('are at most 16, and a name that leads to itself is left after three steps', async () => {
    const entries = Array.from({ length: 40 }, (_, n) => `dnsaddr=/ip4/1.1.1.${n}/tcp/1/p2p/${peerId}`);
    expect(await places('/dnsaddr/a.test', { '_dnsaddr.a.test': entries })).toHaveLength(16);
    const many = Array.from({ length: 40 }, (_, n) => `1.1.1.${n}`);
    expect(await places('/dns4/a.test/tcp/1', { 'a.test 4': many })).toHaveLength(16);
    const circle = lookupOf({ '_dnsaddr.a.test': [`dnsaddr=/dnsaddr/a.test/p2p/${peerId}`] });
    const address = { peerId, transport: '/dnsaddr/a.test' };
    await expect(placesOf(address, circle.names, new AbortController().signal)).rejects.toThrow('no address');
    expect(circle.asked).toHaveLength(3);
  });

  it('cost at most 16 questions', async () => {
    const fan = Array.from({ length: 16 }, () => `dnsaddr=/dnsaddr/a.test/p2p/${peerId}`);
    const { names, asked } = lookupOf({ '_dnsaddr.a.test': fan });
    const address = { peerId, transport: '/dnsaddr/a.test' };
    await expect(placesOf(address, names, new AbortController().signal)).rejects.toThrow();
    expect(asked).toHaveLength(16);
  });

  it('are none, with the reason, when the name is unknown', async () => {
    await expect(places('/dns4/a.test/tcp/5', {})).rejects.toThrow('ENOTFOUND');
    await expect(places('/dns4/a.test/tcp/5', { 'a.test 4': [] })).rejects.toThrow('no address');
  });

  it('are not asked for any more when the dial is given up', async () => {
    const { names, asked } = lookupOf({});
    const dns4 = { peerId, transport: '/dns4/a.test/tcp/5' };
    await expect(placesOf(dns4, names, AbortSignal.abort(new Error('given up')))).rejects.toThrow('given up');
    expect(asked).toEqual([]);
  });
});

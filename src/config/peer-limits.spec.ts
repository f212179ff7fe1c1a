import { describe, expect, it } from '@jest/globals';
import { loadSettings } from './load.js';
import { peerLimits } from './peer-limits.js';

describe('peerLimits', () => {
  const unset = { inbound: undefined, outbound: undefined };

  it.each([
    { name: 'nothing set', sources: [{}], expect: unset },
    { name: 'a maximum', sources: [{ max: 40 }], expect: { inbound: 32, outbound: 8 } },
    { name: 'a maximum rounds down', sources: [{ max: 9 }], expect: { inbound: 8, outbound: 1 } },
    { name: 'a small maximum', sources: [{ max: 4 }], expect: { inbound: 4, outbound: 0 } },
    { name: 'no peers at all', sources: [{ max: 0 }], expect: { inbound: 0, outbound: 0 } },
    { name: 'inbound alone', sources: [{ inbound: 5 }], expect: { inbound: 5, outbound: undefined } },
    { name: 'outbound alone', sources: [{ outbound: 5 }], expect: { inbound: undefined, outbound: 5 } },
    {
      name: 'a range wins over a maximum',
      sources: [{ max: 40, inbound: 1, outbound: 2 }],
      expect: { inbound: 1, outbound: 2 },
    },
    {
      name: 'half a range wins over a maximum',
      sources: [{ max: 40, outbound: 2 }],
      expect: { inbound: undefined, outbound: 2 },
    },
    {
      name: 'a stronger maximum',
      sources: [{ max: 10 }, { inbound: 1, outbound: 2 }],
      expect: { inbound: 8, outbound: 2 },
    },
    {
      name: 'a stronger half',
      sources: [{ inbound: 1 }, { max: 10 }, { outbound: 3 }],
      expect: { inbound: 1, outbound: 3 },
    },
  ])('$name', ({ sources, expect: wanted }) => expect(peerLimits(sources)).toEqual(wanted));
});

describe('settings of peer limits', () => {
  const load = (flags: Record<string, string>, env = {}) =>
    loadSettings({ flags: { 'data-dir': 'd', ...flags }, env, needsChainFile: false });

  it.each([
    { flags: { 'max-peers': '10' }, inbound: 8, outbound: 2 },
    { flags: { 'max-inbound-peers': '3' }, inbound: 3, outbound: 8 },
    { flags: { 'max-outbound-peers': '3' }, inbound: 32, outbound: 3 },
    { flags: { 'max-peers': '-1' }, inbound: 32, outbound: 8 },
  ])('$flags', ({ flags, inbound, outbound }) =>
    expect(load(flags).settings.network).toMatchObject({
      maxInboundPeers: inbound,
      maxOutboundPeers: outbound,
    }),
  );

  it('tell where they came from', () => {
    const { origins } = load({}, { EDGEKEEPER_MAX_PEERS: '10' });
    expect(origins).toMatchObject({ 'network.maxInboundPeers': 'env', 'network.maxOutboundPeers': 'env' });
  });

  it.each([
    { 'max-peers': '10', 'max-inbound-peers': '3' },
    { 'max-peers': '10', 'max-outbound-peers': '3' },
    { 'max-peers': '-2' },
    { 'max-inbound-peers': 'x' },
    { 'max-outbound-peers': '1.5' },
    { 'max-inbound-peers': '10001' },
  ])('are refused: %j', (flags) =>
    expect(() => load(flags as Record<string, string>)).toThrow(
      expect.objectContaining({ code: 'CONFIG.INVALID' }),
    ),
  );
});

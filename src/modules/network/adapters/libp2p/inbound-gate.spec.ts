import { describe, expect, it } from '@jest/globals';
import type { MultiaddrConnection } from '@libp2p/interface';
import { multiaddr } from '@multiformats/multiaddr';
import { ManualClock } from '../../../../../test/support/manual-clock.js';
import { networkConfigSchema } from '../../network.config.js';
import { InboundGate } from './inbound-gate.js';

class FakeConnection extends EventTarget {
  aborted = false;
  readonly remoteAddr;

  constructor(address: string) {
    super();
    this.remoteAddr = multiaddr(address);
  }

  abort(): void {
    this.aborted = true;
    this.dispatchEvent(new Event('close'));
  }
}

function make(settings: object = {}) {
  const clock = new ManualClock();
  const { limits } = networkConfigSchema.parse({ limits: settings });
  const told = { pending: 0, refused: [] as string[] };
  const gate = new InboundGate({
    clock,
    limits,
    onPending: (count) => {
      told.pending = count;
    },
    onRefused: (resource) => told.refused.push(resource),
  });
  const knock = (address: string) => {
    const connection = new FakeConnection(address);
    return { connection, admitted: gate.admit(connection as unknown as MultiaddrConnection) };
  };
  const admittedOf = (count: number, address: string) =>
    Array.from({ length: count }, () => knock(address)).filter(({ admitted }) => admitted).length;
  return { clock, gate, told, knock, admittedOf };
}

describe('InboundGate', () => {
  it('closes the handshake that hangs for longest when there are too many, and never refuses the new one', () => {
    const { gate, told, knock } = make();
    const first = knock('/ip4/127.0.0.1/tcp/1');
    const rest = Array.from({ length: 63 }, () => knock('/ip4/127.0.0.1/tcp/2'));
    expect(gate.pending).toBe(64);
    expect(first.connection.aborted).toBe(false);
    expect(knock('/ip4/127.0.0.1/tcp/3').admitted).toBe(true);
    expect(first.connection.aborted).toBe(true);
    expect(rest.some(({ connection }) => connection.aborted)).toBe(false);
    expect(gate.pending).toBe(64);
    expect(told).toEqual({ pending: 64, refused: ['handshakes'] });
  });

  it('closes those of the site that has most, however long another site waits', () => {
    const { gate, knock } = make({ pendingHandshakes: 8, acceptBurst: 1_000 });
    const honest = [knock('/ip4/203.0.113.1/tcp/1'), knock('/ip6/2001:db8::1/tcp/1')];
    const flood = Array.from({ length: 100 }, () => knock('/ip4/198.51.100.7/tcp/1'));
    expect(honest.some(({ connection }) => connection.aborted)).toBe(false);
    expect(flood.map(({ connection }) => connection.aborted).indexOf(false)).toBe(94);
    expect(gate.pending).toBe(8);
  });

  it('shares the places out when many sites flood', () => {
    const { gate, knock } = make({ pendingHandshakes: 8, acceptBurst: 1_000 });
    const honest = knock('/ip4/203.0.113.1/tcp/1');
    for (let n = 0; n < 100; n += 1) knock(`/ip4/198.51.100.${n % 4}/tcp/1`);
    expect(honest.connection.aborted).toBe(false);
    expect(gate.pending).toBe(8);
  });

  it('forgets a handshake that is done or whose connection closed', () => {
    const { gate, told, knock } = make();
    const [done, gone] = [knock('/ip4/127.0.0.1/tcp/1'), knock('/ip4/127.0.0.1/tcp/1')];
    gate.settled(done.connection as unknown as MultiaddrConnection);
    gone.connection.dispatchEvent(new Event('close'));
    gate.settled(gone.connection as unknown as MultiaddrConnection);
    expect(gate.pending).toBe(0);
    expect(told).toEqual({ pending: 0, refused: [] });
  });

  it('lets one address open a burst, then as many as time gives back', () => {
    const { clock, told, admittedOf } = make();
    expect(admittedOf(100, '/ip4/203.0.113.7/tcp/1')).toBe(20);
    expect(told.refused).toEqual(Array(80).fill('accepts'));
    clock.advance(199);
    expect(admittedOf(1, '/ip4/203.0.113.7/tcp/1')).toBe(0);
    clock.advance(1);
    expect(admittedOf(2, '/ip4/203.0.113.7/tcp/1')).toBe(1);
    clock.advance(3_600_000);
    expect(admittedOf(100, '/ip4/203.0.113.7/tcp/1')).toBe(20);
  });

  it('counts each IPv4 address alone and an IPv6 /64 as one', () => {
    const { admittedOf } = make();
    expect(admittedOf(20, '/ip4/203.0.113.7/tcp/1')).toBe(20);
    expect(admittedOf(20, '/ip4/203.0.113.8/tcp/1')).toBe(20);
    expect(admittedOf(20, '/ip6/2001:db8:1:2::3/tcp/1')).toBe(20);
    expect(admittedOf(1, '/ip6/2001:db8:1:2:aaaa:bbbb:cccc:dddd/tcp/1')).toBe(0);
    expect(admittedOf(1, '/ip6/2001:db8:1:3::3/tcp/1')).toBe(1);
    expect(admittedOf(20, '/ip6/2001:db8::1/tcp/1')).toBe(20);
    expect(admittedOf(1, '/ip6/2001:db8::2/tcp/1')).toBe(0);
  });

  it.each(['/ip4/127.0.0.1/tcp/1', '/ip4/127.9.9.9/tcp/1', '/ip6/::1/tcp/1'])(
    'does not count %s',
    (address) => {
      expect(make().admittedOf(1_000, address)).toBe(1_000);
    },
  );

  it('counts loopback when it is told to', () => {
    const { admittedOf } = make({ loopback: 'count', acceptBurst: 3 });
    expect(admittedOf(10, '/ip4/127.0.0.1/tcp/1')).toBe(3);
    expect(admittedOf(10, '/ip4/127.0.0.2/tcp/1')).toBe(3);
    expect(admittedOf(10, '/ip6/::1/tcp/1')).toBe(3);
  });

  it('does not count what has no IP', () => {
    expect(make({ loopback: 'count' }).admittedOf(100, '/memory/7')).toBe(100);
  });

  it('remembers a bounded number of addresses', () => {
    const { admittedOf } = make();
    expect(admittedOf(20, '/ip4/203.0.113.7/tcp/1')).toBe(20);
    for (let n = 0; n < 4_096; n += 1) admittedOf(1, `/ip4/10.0.${n >> 8}.${n & 255}/tcp/1`);
    expect(admittedOf(1, '/ip4/203.0.113.7/tcp/1')).toBe(1);
  });
});

import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { NetworkError } from '../network.errors.js';
import type { PeerId } from '../ports/types.js';
import { type HeldResource, type LimitScope, type Refusal, ResourceLedger } from './resource-ledger.js';
import { OTHER_PROTOCOL } from './resource-usage.js';

const LIMITS = {
  memoryBytesPerPeer: 100,
  memoryBytes: 150,
  streamsPerProtocol: 2,
  streamsPerPeer: 6,
  streams: 9,
  callsPerPeer: 3,
  calls: 5,
};
const [ALICE, BOB, CAROL] = ['alice', 'bob', 'carol'] as [PeerId, PeerId, PeerId];
const [SYNC, ID] = ['/syncer/0.2', '/id/0.1'];

function make() {
  const refusals: Refusal[] = [];
  const onRefused = (refusal: Refusal) => refusals.push(refusal);
  const ledger = new ResourceLedger({ limits: LIMITS, onRefused });
  const reserve = (resource: HeldResource, amount: number, peerId = ALICE, protocol = SYNC) =>
    ledger.reserve(resource, amount, { peerId, protocol });
  return { ledger, refusals, reserve };
}

describe(ResourceLedger.name, () => {
  it('adds up what is held, by peer, by protocol and in all', () => {
    const { ledger, reserve } = make();
    reserve('memory', 10);
    reserve('memory', 20, ALICE, ID);
    reserve('memory', 40, BOB);
    reserve('streams', 1, BOB);
    reserve('calls', 1, BOB);
    const { total, protocols, peers } = ledger.usage();
    expect(total).toMatchObject({ memory: 70, streams: 1, calls: 1, handshakes: 0 });
    expect(protocols.get(SYNC)).toMatchObject({ memory: 50, streams: 1 });
    expect(protocols.get(ID)).toMatchObject({ memory: 20, streams: 0 });
    expect(peers.get(ALICE)).toMatchObject({ memory: 30 });
    expect(peers.get(BOB)).toMatchObject({ memory: 40, streams: 1, calls: 1 });
  });

  it.each<{ name: string; fill: [HeldResource, number, PeerId, string][]; scope: LimitScope; limit: number }>(
    [
      { name: 'memory of a peer', fill: [['memory', 101, ALICE, SYNC]], scope: 'peer', limit: 100 },
      {
        name: 'memory of all',
        fill: [
          ['memory', 100, ALICE, SYNC],
          ['memory', 51, BOB, SYNC],
        ],
        scope: 'total',
        limit: 150,
      },
      {
        name: 'streams of a peer on a protocol',
        fill: [['streams', 5, ALICE, SYNC]],
        scope: 'protocol',
        limit: 4,
      },
      {
        name: 'streams of a peer',
        fill: [
          ['streams', 4, ALICE, SYNC],
          ['streams', 3, ALICE, ID],
        ],
        scope: 'peer',
        limit: 6,
      },
      {
        name: 'streams of all',
        fill: [
          ['streams', 4, ALICE, SYNC],
          ['streams', 4, BOB, SYNC],
          ['streams', 2, CAROL, SYNC],
        ],
        scope: 'total',
        limit: 9,
      },
      { name: 'calls of a peer', fill: [['calls', 4, ALICE, SYNC]], scope: 'peer', limit: 3 },
      {
        name: 'calls of all',
        fill: [
          ['calls', 3, ALICE, SYNC],
          ['calls', 3, BOB, SYNC],
        ],
        scope: 'total',
        limit: 5,
      },
    ],
  )('refuses $name beyond the limit, takes nothing and says so', ({ fill, scope, limit }) => {
    const { ledger, refusals, reserve } = make();
    const last = fill.pop() as (typeof fill)[0];
    for (const [resource, amount, peerId, protocol] of fill) reserve(resource, amount, peerId, protocol);
    const before = ledger.usage();
    const [resource, amount, peerId, protocol] = last;
    const detail = { code: 'NETWORK.LIMIT_REACHED', peerId, resource, scope, limit };
    expect(() => reserve(resource, amount, peerId, protocol)).toThrow(expect.objectContaining({ detail }));
    expect(refusals).toEqual([{ peerId, resource, scope, error: expect.objectContaining({ detail }) }]);
    expect(ledger.usage().total).toEqual(before.total);
    expect(ledger.usage().peers).toEqual(before.peers);
    expect(() => reserve(resource, amount - 1, peerId, protocol)).not.toThrow();
  });

  it('lets a reservation grow and shrink, and leaves it as it was when it may not grow', () => {
    const { ledger, reserve } = make();
    const held = reserve('memory', 50);
    held.resize(100);
    expect(() => held.resize(101)).toThrow(NetworkError);
    expect(ledger.usage().total.memory).toBe(100);
    held.resize(1);
    expect(ledger.usage().total.memory).toBe(1);
  });

  it('frees what is released, once, and forgets a peer that holds nothing', () => {
    const { ledger, reserve } = make();
    const [first, second] = [reserve('memory', 50), reserve('memory', 7)];
    first.release();
    first.release();
    first.resize(30);
    expect(ledger.usage().total.memory).toBe(7);
    expect(ledger.usage().peers.size).toBe(1);
    second.release();
    expect(ledger.usage().peers.size).toBe(0);
  });

  it('frees everything of a peer whose connection closed, and nothing of others', () => {
    const { ledger, reserve } = make();
    const held = reserve('memory', 50);
    reserve('streams', 2);
    reserve('memory', 9, BOB);
    ledger.forget(ALICE);
    ledger.forget(CAROL);
    held.resize(10);
    held.release();
    expect(ledger.usage().total).toMatchObject({ memory: 9, streams: 0 });
    expect([...ledger.usage().peers.keys()]).toEqual([BOB]);
  });

  it('counts bytes while a connection lives; those of no protocol of ours count as others', () => {
    const { ledger } = make();
    const [first, second] = [ledger.meterConnection(ALICE), ledger.meterConnection(ALICE)];
    first.received(100);
    second.sent(50);
    const sync = ledger.meterProtocol(SYNC);
    sync.received(80);
    sync.sent(60);
    const { total, protocols, peers } = ledger.usage();
    expect(total).toMatchObject({ receivedBytes: 100, sentBytes: 50 });
    expect(peers.get(ALICE)).toMatchObject({ receivedBytes: 100, sentBytes: 50 });
    expect(protocols.get(SYNC)).toMatchObject({ receivedBytes: 80, sentBytes: 60 });
    expect(protocols.get(OTHER_PROTOCOL)).toMatchObject({ receivedBytes: 20, sentBytes: 0 });
    first.end();
    first.end();
    expect(ledger.usage().peers.has(ALICE)).toBe(true);
    second.end();
    expect(ledger.usage().peers.has(ALICE)).toBe(false);
    expect(ledger.usage().total).toMatchObject({ receivedBytes: 100, sentBytes: 50 });
  });

  it('gives a snapshot that stays as it is', () => {
    const { ledger, reserve } = make();
    const before = ledger.usage();
    reserve('memory', 50);
    expect(before.total.memory).toBe(0);
    expect(before.peers.size).toBe(0);
  });

  it('keeps the sum of the parts equal to the total after anything that may happen', () => {
    const resource = fc.constantFrom<HeldResource>('memory', 'streams', 'calls');
    const peer = fc.constantFrom(ALICE, BOB, CAROL);
    const step = fc.oneof(
      fc.record({
        do: fc.constant('reserve' as const),
        resource,
        amount: fc.nat(60),
        peer,
        protocol: fc.constantFrom(SYNC, ID),
      }),
      fc.record({ do: fc.constant('resize' as const), which: fc.nat(20), amount: fc.nat(120) }),
      fc.record({ do: fc.constant('release' as const), which: fc.nat(20) }),
      fc.record({ do: fc.constant('forget' as const), peer }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const { ledger, reserve } = make();
        const held: ReturnType<typeof reserve>[] = [];
        const sums = () => {
          const { total, protocols, peers } = ledger.usage();
          for (const key of ['memory', 'streams', 'calls'] as const) {
            for (const parts of [protocols, peers]) {
              expect([...parts.values()].reduce((sum, part) => sum + part[key], 0)).toBe(total[key]);
            }
          }
          for (const part of peers.values()) {
            expect(Math.min(part.memory, part.streams, part.calls)).toBeGreaterThanOrEqual(0);
            expect(part.memory).toBeLessThanOrEqual(LIMITS.memoryBytesPerPeer);
            expect(part.streams).toBeLessThanOrEqual(LIMITS.streamsPerPeer);
          }
          expect(total.memory).toBeLessThanOrEqual(LIMITS.memoryBytes);
        };
        for (const one of steps) {
          try {
            if (one.do === 'reserve') held.push(reserve(one.resource, one.amount, one.peer, one.protocol));
            else if (one.do === 'resize') held[one.which]?.resize(one.amount);
            else if (one.do === 'release') held[one.which]?.release();
            else ledger.forget(one.peer);
          } catch (error) {
            expect(error).toMatchObject({ code: 'NETWORK.LIMIT_REACHED' });
          }
          sums();
        }
        for (const one of held) one.release();
        expect(ledger.usage().total).toMatchObject({ memory: 0, streams: 0, calls: 0 });
        expect(ledger.usage().peers.size).toBe(0);
      }),
      { numRuns: 100 },
    );
  });
});

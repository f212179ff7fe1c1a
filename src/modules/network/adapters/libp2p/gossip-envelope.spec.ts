import { describe, expect, it } from '@jest/globals';
import { RPC } from '@libp2p/gossipsub/message';
import fc from 'fast-check';
import { BadRpc, hasUnknownFields, openEnvelope } from './gossip-envelope.js';

const bytes = (hex: string) => Buffer.from(hex, 'hex');
const id = fc.uint8Array({ maxLength: 128 });
const ids = fc.array(id, { maxLength: 5 });
const topicID = fc.string({ maxLength: 20 });
const message = fc.record({
  from: id,
  data: fc.uint8Array(),
  seqno: id,
  topic: topicID,
  signature: id,
  key: fc.option(id, { nil: undefined }),
});
const rpc = fc.record({
  subscriptions: fc.array(fc.record({ subscribe: fc.boolean(), topic: topicID }), { maxLength: 3 }),
  messages: fc.array(message, { maxLength: 3 }),
  control: fc.option(
    fc.record({
      ihave: fc.array(fc.record({ topicID, messageIDs: ids }), { maxLength: 3 }),
      iwant: fc.array(fc.record({ messageIDs: ids }), { maxLength: 3 }),
      graft: fc.array(fc.record({ topicID }), { maxLength: 3 }),
      prune: fc.array(fc.record({ topicID, peers: fc.constant([]), backoff: fc.nat() }), { maxLength: 3 }),
      idontwant: fc.array(fc.record({ messageIDs: ids }), { maxLength: 3 }),
    }),
    { nil: undefined },
  ),
});

const control = (fields: Partial<RPC.ControlMessage>) =>
  RPC.encode({
    subscriptions: [],
    messages: [],
    control: { ihave: [], iwant: [], graft: [], prune: [], idontwant: [], ...fields },
  });
const many = (count: number, length = 0) => Array.from({ length: count }, () => Buffer.alloc(length));

function faultOf(given: Uint8Array): string | undefined {
  try {
    openEnvelope(given);
  } catch (error) {
    if (error instanceof BadRpc) return error.fault;
    throw error;
  }
  return undefined;
}

describe(openEnvelope.name, () => {
  it('takes any RPC apart without losing or changing anything', () => {
    fc.assert(
      fc.property(rpc, (given) => {
        const encoded = RPC.encode(given as unknown as RPC);
        const { messages, rest } = openEnvelope(encoded);
        const whole = RPC.decode(encoded);
        expect(messages.map((one) => RPC.Message.decode(one))).toEqual(whole.messages);
        expect(RPC.decode(rest)).toEqual({ ...whole, messages: [] });
        expect(messages.map(hasUnknownFields)).toEqual(messages.map(() => false));
      }),
    );
  });

  it('answers any bytes with an envelope or a BadRpc', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (given) => {
        expect([undefined, 'over-limit', 'undecodable']).toContain(faultOf(given));
      }),
      { numRuns: 2_000 },
    );
  });

  it('counts what there is to do for subscriptions and control messages', () => {
    const subscriptions = [{ subscribe: true, topic: 'a' }, { topic: 'b' }];
    expect(openEnvelope(RPC.encode({ subscriptions, messages: [] })).work).toBe(2 + 3);
    const ihave = [{ topicID: 'a', messageIDs: many(10) }];
    // The control message, the ihave, its topic, its IDs.
    expect(openEnvelope(control({ ihave })).work).toBe(1 + 1 + 1 + 10);
    expect(openEnvelope(RPC.encode({ subscriptions: [], messages: [{ topic: 'a' }] })).work).toBe(0);
    expect(openEnvelope(Buffer.alloc(0))).toMatchObject({ messages: [], work: 0 });
  });

  it('takes the 5,000 IDs of three topics that Go peers may send', () => {
    const ihave = ['a', 'b', 'c'].map((topic) => ({ topicID: topic, messageIDs: many(5_000, 47) }));
    expect(openEnvelope(control({ ihave })).work).toBeGreaterThan(15_000);
  });

  it.each([
    {
      name: '100,000 IDs in lists of 1,000',
      rpc: control({ iwant: many(100).map(() => ({ messageIDs: many(1_000) })) }),
    },
    { name: '100,000 grafts', rpc: control({ graft: many(100_000).map(() => ({ topicID: 'a' })) }) },
    {
      name: '100,000 subscriptions',
      rpc: RPC.encode({ subscriptions: many(100_000).map(() => ({})), messages: [] }),
    },
    {
      name: '100,000 messages',
      rpc: RPC.encode({ subscriptions: [], messages: many(100_000).map(() => ({ topic: '' })) }),
    },
    { name: '100,000 unknown fields', rpc: Buffer.alloc(200_000, bytes('7801')) },
    {
      name: 'an ID of 129 bytes in IHAVE',
      rpc: control({ ihave: [{ topicID: 'a', messageIDs: many(1, 129) }] }),
    },
    { name: 'an ID of 129 bytes in IWANT', rpc: control({ iwant: [{ messageIDs: many(1, 129) }] }) },
    { name: 'an ID of 129 bytes in IDONTWANT', rpc: control({ idontwant: [{ messageIDs: many(1, 129) }] }) },
  ])('refuses $name', ({ rpc: given }) => {
    expect(faultOf(given)).toBe('over-limit');
  });

  it.each([
    { name: 'a field that ends behind the RPC', hex: '0a05ff' },
    { name: 'a nested field that ends behind its parent', hex: '1a020a05' },
    { name: 'a cut tag', hex: '80' },
    { name: 'a varint of 11 bytes', hex: `0880808080808080808080${'01'}` },
    { name: 'field 0', hex: '0001' },
    { name: 'a group', hex: '0b0c' },
    { name: 'a wire type that is none', hex: '0e' },
    { name: 'a length of 2^63', hex: '0a80808080808080808001' },
    { name: 'a cut fixed64', hex: '0900' },
    { name: 'a cut fixed32', hex: '0d00' },
  ])('refuses $name', ({ hex }) => {
    expect(faultOf(bytes(hex))).toBe('undecodable');
  });
});

describe(hasUnknownFields.name, () => {
  const known = RPC.Message.encode({ topic: 'a', data: Buffer.alloc(3) });
  it.each([
    { name: 'none', hex: '', expected: false },
    { name: 'field 7', hex: '3a00', expected: true },
    { name: 'a number where bytes belong', hex: '0801', expected: true },
    { name: 'a group, which Go peers relay', hex: '7b7c', expected: true },
    { name: 'the same fields over and over', hex: '1a00'.repeat(20), expected: true },
    { name: 'a field twice', hex: '1a00', expected: false },
  ])('$name', ({ hex, expected }) => {
    expect(hasUnknownFields(Buffer.concat([known, bytes(hex)]))).toBe(expected);
  });
});

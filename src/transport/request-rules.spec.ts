import { create } from '@bufbuild/protobuf';
import { describe, expect, it } from '@jest/globals';
import { Activity, Node, PauseRequestSchema } from '../gen/edgekeeper/v1/node_pb.js';
import { Peers, RemovePeerRequestSchema } from '../gen/edgekeeper/v1/peers_pb.js';
import { Role } from '../gen/edgekeeper/v1/rules_pb.js';
import { CandidateSchema, IbftOperator } from '../gen/v1/ibft_operator_pb.js';
import { PeersAddRequestSchema, PeersStatusRequestSchema, System } from '../gen/v1/system_pb.js';
import { AddTxnReqSchema, SubscribeRequestSchema, TxnPoolOperator } from '../gen/v1/txpool_operator_pb.js';
import { checkRequest, rulesOf } from './request-rules.js';

const PEER = '16Uiu2HAmEyfzDtR3UxJkL4vXTGdiwk5yNGfWbMtXvz8cAwoAtbGm';
const ADDRESS = '0xd216153c06E857cD7f72665E0aF1d7D82172F494';

const remove = (reason: string) => () =>
  checkRequest(Peers.method.remove, create(RemovePeerRequestSchema, { peerId: PEER, reason }));
const add = (id: string) => () => checkRequest(System.method.peersAdd, create(PeersAddRequestSchema, { id }));
const status = (id: string) => () =>
  checkRequest(System.method.peersStatus, create(PeersStatusRequestSchema, { id }));
const propose =
  (address: string, blsPubkey = new Uint8Array()) =>
  () =>
    checkRequest(IbftOperator.method.propose, create(CandidateSchema, { address, blsPubkey }));
const addTxn = (fields: { raw?: { value: Uint8Array }; from?: string }) => () =>
  checkRequest(TxnPoolOperator.method.addTxn, create(AddTxnReqSchema, fields));
const pause = (activity: Activity) => () =>
  checkRequest(Node.method.pause, create(PauseRequestSchema, { activities: [activity] }));
const follow =
  (...types: number[]) =>
  () =>
    checkRequest(TxnPoolOperator.method.subscribe, create(SubscribeRequestSchema, { types }));

describe(checkRequest.name, () => {
  it.each([
    ['an IPv4 address', add(`/ip4/127.0.0.1/tcp/1478/p2p/${PEER}`)],
    ['an IPv6 address, which the Go client refuses', add(`/ip6/::1/tcp/1478/p2p/${PEER}`)],
    ['a peer ID', status(PEER)],
    ['a candidate', propose(ADDRESS)],
    ['a candidate with a BLS key', propose(ADDRESS, new Uint8Array(48))],
    ['a transaction', addTxn({ raw: { value: Uint8Array.of(1) } })],
    ['a transaction with its sender', addTxn({ raw: { value: Uint8Array.of(1) }, from: ADDRESS })],
    ['several kinds of event', follow(0, 3, 5)],
    ['a reason of as many characters as it may have, each of two units', remove('😀'.repeat(256))],
  ])('passes %s', (_name, check) => {
    expect(check).not.toThrow();
  });

  // Texts that the Go client's users know are given in full.
  it.each([
    [
      'no multiaddr',
      add('ip4'),
      'request validation failed: invalid PeersAddRequest.Id: value does not match regex pattern "^\\\\/[A-Za-z0-9._~-]+(\\\\/[A-Za-z0-9._~-]+)*$"',
    ],
    ['an empty multiaddr', add(''), 'invalid PeersAddRequest.Id: value does not match'],
    [
      'a space in a multiaddr',
      add('/ip4/127.0.0.1 /tcp'),
      'invalid PeersAddRequest.Id: value does not match',
    ],
    ['a long multiaddr', add(`/${'a'.repeat(1_024)}`), 'value length must be at most 1024 runes'],
    [
      'no peer ID',
      status('no-pe'),
      'request validation failed: invalid PeersStatusRequest.Id: value does not match regex pattern "^[A-Za-z0-9]{1,}$"',
    ],
    ['a line end after a peer ID', status(`${PEER}\n`), 'value does not match'],
    ['a long peer ID', status('a'.repeat(129)), 'value length must be at most 128 runes'],
    ['a long reason', remove('😀'.repeat(257)), 'value length must be at most 256 runes'],
    ['no address', propose('zz'), 'invalid Candidate.Address: value does not match'],
    ['a short address', propose(ADDRESS.slice(0, -1)), 'invalid Candidate.Address'],
    ['a long address', propose(`${ADDRESS}0`), 'invalid Candidate.Address'],
    [
      'a long BLS key',
      propose(ADDRESS, new Uint8Array(49)),
      'invalid Candidate.BlsPubkey: value length must be at most 48 bytes',
    ],
    ['no transaction', addTxn({}), 'request validation failed: invalid AddTxnReq.Raw: value is required'],
    [
      'a wrong sender',
      addTxn({ raw: { value: Uint8Array.of(1) }, from: '0x1' }),
      'invalid AddTxnReq.From: value does not match',
    ],
    ['no event', follow(), /^invalid SubscribeRequest.Types: value must contain at least 1 item\(s\)$/],
    [
      'an event twice',
      follow(0, 0),
      /^invalid SubscribeRequest.Types\[1\]: repeated value must contain unique items$/,
    ],
    [
      'an unknown event',
      follow(7),
      /^invalid SubscribeRequest.Types\[0\]: value must be one of the defined enum values$/,
    ],
    [
      'an activity that says none',
      pause(Activity.UNSPECIFIED),
      'invalid PauseRequest.Activities[0]: value must be one of the defined enum values',
    ],
    ['too many events', follow(...Array.from({ length: 101 }, (_, at) => at)), 'no more than 100 item(s)'],
  ])('refuses %s', (_name, check, text) => {
    expect(check).toThrow(text);
    expect(check).toThrow(expect.objectContaining({ code: 'SYSTEM.REQUEST_INVALID' }));
  });

  it('names the rule that is enforced to programs, where the text is of a narrower one', () => {
    const rule = 'value does not match regex pattern "^\\\\/[A-Za-z0-9._~:-]+(\\\\/[A-Za-z0-9._~:-]+)*$"';
    expect(add('foo bar')).toThrow(
      expect.objectContaining({ detail: expect.objectContaining({ field: 'PeersAddRequest.Id', rule }) }),
    );
  });

  it('tells the value, printable and cut short', () => {
    const value = (text: string) => ({ detail: expect.objectContaining({ value: text }) });
    expect(status('a\u0007"\n')).toThrow(expect.objectContaining(value('a\\u0007\\"\\n')));
    expect(status('-'.repeat(99))).toThrow(expect.objectContaining(value('-'.repeat(64))));
  });
});

describe(rulesOf.name, () => {
  it('gives the role and the size that the proto says, else the defaults', () => {
    expect(rulesOf(System.method.getStatus)).toEqual({ role: Role.VIEWER, maxRequestBytes: 16_384 });
    expect(rulesOf(TxnPoolOperator.method.addTxn)).toEqual({ role: Role.OPERATOR, maxRequestBytes: 163_840 });
    expect(rulesOf(IbftOperator.method.propose)).toEqual({ role: Role.ADMIN, maxRequestBytes: 16_384 });
  });
});

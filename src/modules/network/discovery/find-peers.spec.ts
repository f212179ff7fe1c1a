import { create } from '@bufbuild/protobuf';
import { describe, expect, it } from '@jest/globals';
import { FindPeersReqSchema } from '../../../gen/v1/discovery_pb.js';
import { parsePeerId } from '../address/peer-id.js';
import { NetworkError } from '../network.errors.js';
import {
  addressForCaller,
  checkFindPeers,
  findPeersMethod,
  findPeersRequest,
  MAX_PEERS_PER_ANSWER,
  takeFoundPeers,
} from './find-peers.js';

const self = parsePeerId('16Uiu2HAm6XocVi7fVj7gB9WUn6euWtRvarz2shhP6jkrf67HfK7b');
const other = parsePeerId('16Uiu2HAm2FDkXukPDHpSJtXH14DAwz8RmY2i7wmzS4WPVoVgR4iB');
const third = parsePeerId('16Uiu2HAmDKXWkEiqpChegmuoFuAznvPTZCuKGbHkmzanvfTVhtUh');
const PUBLIC = '/ip4/8.8.8.8/tcp/1478';
const PRIVATE = '/ip4/10.0.0.1/tcp/1478';
const LOOPBACK = '/ip4/127.0.0.1/tcp/1478';

describe(checkFindPeers.name, () => {
  it.each([
    { key: '', count: 1n },
    { key: 'aZ9', count: 16n },
  ])('takes key "$key" and count $count', ({ key, count }) => {
    expect(checkFindPeers(create(FindPeersReqSchema, { key, count }))).toEqual({ key, count: Number(count) });
  });

  const range = 'request validation failed: invalid FindPeersReq.Count: value must be inside range (0, 17)';
  const pattern =
    'request validation failed: invalid FindPeersReq.Key: value does not match regex pattern "^[A-Za-z0-9]{1,}$"';
  it.each([
    { key: '', count: 0n, message: range },
    { key: '', count: -1n, message: range },
    { key: '', count: 17n, message: range },
    { key: '', count: 2n ** 62n, message: range },
    { key: 'a b', count: 1n, message: pattern },
    { key: 'a\n', count: 1n, message: pattern },
  ])('refuses key "$key" and count $count', ({ key, count, message }) => {
    expect.assertions(1);
    try {
      checkFindPeers(create(FindPeersReqSchema, { key, count }));
    } catch (error) {
      expect(error).toMatchObject({ code: 'NETWORK.BAD_REQUEST', message });
    }
  });
});

describe(addressForCaller.name, () => {
  it.each([
    { name: 'the choice of section 1.2', given: [LOOPBACK, PUBLIC], outside: false, expected: PUBLIC },
    { name: 'a local address for a neighbour', given: [LOOPBACK], outside: false, expected: LOOPBACK },
    {
      name: 'no local address for one outside',
      given: [LOOPBACK, PRIVATE],
      outside: true,
      expected: undefined,
    },
    { name: 'the public address for one outside', given: [PRIVATE, PUBLIC], outside: true, expected: PUBLIC },
    { name: 'nothing without a transport part', given: ['', '/'], outside: false, expected: undefined },
    {
      name: 'nothing malformed',
      given: ['/ip4/x/tcp/1', 'junk', '/p2p-circuit'],
      outside: false,
      expected: undefined,
    },
  ])('tells $name', ({ given, outside, expected }) => {
    expect(addressForCaller(other, given, outside)?.transport).toBe(expected);
  });
});

describe(takeFoundPeers.name, () => {
  const good = `${PUBLIC}/p2p/${other}`;

  it.each([
    { name: 'good ones', nodes: [good, `${PRIVATE}/p2p/${third}`], outside: false, taken: 2, junk: 0 },
    { name: 'not ourselves', nodes: [`${PUBLIC}/p2p/${self}`], outside: false, taken: 0, junk: 0 },
    { name: 'each peer once', nodes: [good, `${PRIVATE}/p2p/${other}`], outside: false, taken: 1, junk: 0 },
    {
      name: 'none that we cannot dial',
      nodes: [`/ip4/8.8.8.8/udp/1/quic-v1/p2p/${other}`, `/ip4/8.8.8.8/tcp/0/p2p/${other}`],
      outside: false,
      taken: 0,
      junk: 2,
    },
    { name: 'none without transport', nodes: [`/p2p/${other}`], outside: false, taken: 0, junk: 1 },
    {
      name: 'no junk',
      nodes: ['', 'x', '/ip4/1.2.3.4/tcp/1', '\u0000', good],
      outside: false,
      taken: 1,
      junk: 4,
    },
    {
      name: 'nothing long',
      nodes: [`/dns4/${'a'.repeat(100_000)}/tcp/1/p2p/${other}`],
      outside: false,
      taken: 0,
      junk: 1,
    },
    {
      name: 'no local address from outside',
      nodes: [`${LOOPBACK}/p2p/${other}`],
      outside: true,
      taken: 0,
      junk: 1,
    },
    {
      name: 'at most 16',
      nodes: [...new Array<string>(16).fill('junk'), good],
      outside: false,
      taken: 0,
      junk: 17,
    },
  ])('takes $name', ({ nodes, outside, taken, junk }) => {
    const found = takeFoundPeers(nodes, self, outside);
    expect(found.addresses).toHaveLength(taken);
    expect(found.junk).toBe(junk);
  });

  it('lets a bug pass as it is, rather than count it as junk', () => {
    expect(() => takeFoundPeers([undefined as unknown as string], self, false)).toThrow(TypeError);
  });
});

describe('FindPeers on the wire', () => {
  const method = findPeersMethod('/disc/0.1');

  it('asks for 16 and sends no key, as a Go node does', () => {
    expect(Buffer.from(method.encode(findPeersRequest())).toString('hex')).toBe('1010');
    expect(MAX_PEERS_PER_ANSWER).toBe(16);
  });

  it('throws on an undecodable answer', () => {
    expect(() => method.decode(Uint8Array.from([0x0a, 0x05]))).toThrow();
    expect(NetworkError.name).toBe('NetworkError');
  });
});

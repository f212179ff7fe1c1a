import { gzipSync } from 'node:zlib';
import { Code, ConnectError, createClient, type Transport } from '@connectrpc/connect';
import {
  compressionGzip,
  createConnectTransport,
  createGrpcTransport,
  createGrpcWebTransport,
} from '@connectrpc/connect-node';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ErrorInfoSchema } from '../../src/gen/google/rpc/error_details_pb.js';
import { System } from '../../src/gen/v1/system_pb.js';
import { httpCall } from '../support/http-client.js';
import { aKey, singleValidatorGenesis, TestNode } from '../support/test-node.js';

const CONSOLE = 'https://console.example';

describe('one operator port for every client', () => {
  const validatorKey = aKey();
  let node: TestNode;

  beforeAll(async () => {
    const settings = {
      system: { allowedOrigins: [CONSOLE], allowedHosts: ['node.example'] },
    };
    node = await TestNode.start({ genesis: singleValidatorGenesis(validatorKey), validatorKey, settings });
  });

  afterAll(() => node?.stop());

  const transports: [string, (baseUrl: string) => Transport][] = [
    ['gRPC', (baseUrl) => createGrpcTransport({ baseUrl })],
    ['Connect', (baseUrl) => createConnectTransport({ baseUrl, httpVersion: '1.1' })],
    [
      'Connect as JSON',
      (baseUrl) => createConnectTransport({ baseUrl, httpVersion: '1.1', useBinaryFormat: false }),
    ],
    ['gRPC-Web', (baseUrl) => createGrpcWebTransport({ baseUrl, httpVersion: '1.1' })],
    [
      'gRPC-Web as JSON',
      (baseUrl) => createGrpcWebTransport({ baseUrl, httpVersion: '1.1', useBinaryFormat: false }),
    ],
  ];

  describe.each(transports)('%s', (_name, transportTo) => {
    const client = () => createClient(System, transportTo(`http://${node.operatorAddress}`));

    it('calls', async () => {
      expect((await client().getStatus({})).network).toBe(7_331n);
    });

    it('subscribes, and gets every event', async () => {
      const seen: bigint[] = [];
      for await (const { added } of client().subscribe({})) {
        seen.push(...added.map(({ number }) => number));
        if (seen.length === 2) break;
      }
      expect(seen[1]).toBe((seen[0] ?? 0n) + 1n);
    });

    it('exports in bulk', async () => {
      let last = -1n;
      for await (const { to } of client().export({ from: 0n, to: 1n })) last = to;
      expect(last).toBe(1n);
    });

    it.each([
      ['a rule', () => client().peersStatus({ id: '!' }), Code.InvalidArgument, 'SYSTEM.REQUEST_INVALID'],
      [
        'a failure',
        () => client().blockByNumber({ number: 99_999n }),
        Code.NotFound,
        'SYSTEM.BLOCK_NOT_FOUND',
      ],
      [
        'a stream',
        async () => {
          for await (const _ of client().export({ from: 5n, to: 5n })) break;
        },
        Code.OutOfRange,
        'SYSTEM.EXPORT_RANGE_INVALID',
      ],
      [
        'size',
        () => client().peersAdd({ id: 'x'.repeat(17_000) }),
        Code.ResourceExhausted,
        'SYSTEM.REQUEST_TOO_LARGE',
      ],
    ])('tells what is wrong by code and reason: %s', async (_what, call, code, reason) => {
      const error = ConnectError.from(await Promise.resolve(call()).catch((failure: unknown) => failure));
      expect(Code[error.code]).toBe(Code[code]);
      if (reason) expect(error.findDetails(ErrorInfoSchema)).toMatchObject([{ reason }]);
    });
  });

  it('answers plain JSON, as curl sends it', async () => {
    const { status, body } = await httpCall(node.operatorAddress, { body: '{}' });
    expect(status).toBe(200);
    expect(JSON.parse(body)).toMatchObject({ network: '7331', current: { hash: expect.any(String) } });
    const block = { path: '/v1.System/BlockByNumber', body: '{"number":"0"}' };
    expect(JSON.parse((await httpCall(node.operatorAddress, block)).body)).toHaveProperty('data');
  });

  it.each([
    ['/v1.System/Nothing', 'POST', 'application/json', 404],
    ['/', 'POST', 'application/json', 404],
    ['//evil', 'POST', 'application/json', 404],
    ['/v1.Identity/Hello', 'POST', 'application/json', 404],
    ['/v1.SyncPeer/GetBlocks', 'POST', 'application/connect+json', 404],
    ['/v1.System/GetStatus', 'GET', 'application/json', 405],
    ['/v1.System/PeersAdd?encoding=json&message=%7B%7D', 'GET', 'application/json', 405],
    ['/v1.System/PeersAdd', 'POST', 'application/x-www-form-urlencoded', 415],
    ['/v1.System/PeersAdd', 'POST', 'text/plain', 415],
    ['/v1.System/PeersAdd', 'POST', 'multipart/form-data; boundary=x', 415],
    ['/v1.System/GetStatus', 'POST', 'application/grpc', 415],
    ['/v1.System/Subscribe', 'POST', 'application/json', 415],
  ])('%s by %s as %s is refused', async (path, method, type, status) => {
    const answer = await httpCall(node.operatorAddress, { path, method, headers: { 'content-type': type } });
    expect(answer.status).toBe(status);
  });

  it.each([
    ['a foreign page', { origin: 'https://evil.example' }],
    ['a page of no site', { origin: 'null' }],
    ['a name turned to this machine', { host: 'rebound.example' }],
    ['its page', { host: 'rebound.example', origin: 'http://rebound.example' }],
  ])('%s is refused', async (_what, headers) => {
    for (const method of ['POST', 'OPTIONS']) {
      const { status, headers: sent } = await httpCall(node.operatorAddress, { method, headers });
      expect(status).toBe(403);
      expect(sent).not.toHaveProperty('access-control-allow-origin');
    }
  });

  it('an allowed page looks, but acts only with a token', async () => {
    const headers = { origin: CONSOLE, host: 'node.example' };
    const preflight = await httpCall(node.operatorAddress, { method: 'OPTIONS', headers });
    expect(preflight.status).toBe(204);
    expect(preflight.headers['access-control-allow-origin']).toBe(CONSOLE);
    const looks = await httpCall(node.operatorAddress, { headers, body: '{}' });
    expect([looks.status, looks.headers['access-control-allow-origin']]).toEqual([200, CONSOLE]);
    const acts = await httpCall(node.operatorAddress, { headers, path: '/v1.System/PeersAdd', body: '{}' });
    expect([acts.status, acts.body]).toEqual([401, expect.stringContaining('ACCESS.TOKEN_NEEDED')]);
  });

  it.each([
    ['not JSON', '{', 400],
    ['a wrong type', '{"id":7}', 400],
    ['not UTF-8', new Uint8Array([0x22, 0xff]), 400],
    ['too deep', '['.repeat(10_000), 400],
    ['too large', JSON.stringify({ id: 'x'.repeat(17_000) }), 429],
    ['far too large', Buffer.alloc(4_000_000, 'x'), 429],
  ])('a body that is %s is refused, and the next call answered', async (_what, body, status) => {
    const answer = await httpCall(node.operatorAddress, { path: '/v1.System/PeersAdd', body });
    expect(answer.status).toBe(status);
    expect((await httpCall(node.operatorAddress, { body: '{}' })).status).toBe(200);
  });

  it('refuses what is compressed before it is made large', async () => {
    const headers = { 'content-encoding': 'gzip' };
    const body = gzipSync(Buffer.alloc(8_000_000));
    expect(await httpCall(node.operatorAddress, { headers, body })).toMatchObject({
      status: 501,
      body: expect.stringContaining('unimplemented'),
    });
    const baseUrl = `http://${node.operatorAddress}`;
    const grpc = createGrpcTransport({ baseUrl, sendCompression: compressionGzip, compressMinBytes: 0 });
    const call = createClient(System, grpc).peersStatus({ id: 'x'.repeat(100) });
    await expect(call).rejects.toMatchObject({ code: Code.Unimplemented });
  });
});

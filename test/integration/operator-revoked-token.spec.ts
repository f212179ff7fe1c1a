import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Code, ConnectError, createClient, type Interceptor, type Transport } from '@connectrpc/connect';
import {
  createConnectTransport,
  createGrpcTransport,
  createGrpcWebTransport,
} from '@connectrpc/connect-node';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { ErrorInfoSchema } from '../../src/gen/google/rpc/error_details_pb.js';
import { System } from '../../src/gen/v1/system_pb.js';
import { tokenOf } from '../support/access-under-test.js';
import { aKey, singleValidatorGenesis, TestNode } from '../support/test-node.js';

let folder: string;
let node: TestNode;
const tokenFile = () => join(folder, 'tokens');
const hold = (...names: string[]) =>
  writeFile(tokenFile(), names.map((name) => `viewer:${name}:${tokenOf(name)}\n`).join(''), { mode: 0o600 });

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'edgekeeper-revoked-'));
  await hold('kept', 'lost');
  const validatorKey = aKey();
  const settings = { access: { tokenFile: tokenFile() } };
  node = await TestNode.start({ genesis: singleValidatorGenesis(validatorKey), validatorKey, settings });
});

afterAll(async () => {
  await node?.stop();
  await rm(folder, { recursive: true });
});

it('a token that is taken away ends the streams of its holder, over every protocol, and no others', async () => {
  const showing =
    (name: string): Interceptor =>
    (next) =>
    (request) => {
      request.header.set('authorization', `Bearer ${tokenOf(name)}`);
      return next(request);
    };
  const baseUrl = `http://${node.operatorAddress}`;
  const ways: Record<string, (interceptors: Interceptor[]) => Transport> = {
    gRPC: (interceptors) => createGrpcTransport({ baseUrl, interceptors }),
    Connect: (interceptors) => createConnectTransport({ baseUrl, httpVersion: '1.1', interceptors }),
    'gRPC-Web': (interceptors) => createGrpcWebTransport({ baseUrl, httpVersion: '1.1', interceptors }),
  };
  const stream = (way: string, name: string) =>
    createClient(System, (ways[way] as (some: Interceptor[]) => Transport)([showing(name)]))
      .subscribe({})
      [Symbol.asyncIterator]();
  const lost = Object.keys(ways).map((way) => stream(way, 'lost'));
  const kept = stream('gRPC', 'kept');
  for (const each of [...lost, kept]) await each.next();

  await hold('kept');

  for (const each of lost) {
    const error = ConnectError.from(await untilEnd(each).catch((failure: unknown) => failure));
    expect(Code[error.code]).toBe(Code[Code.Unauthenticated]);
    expect(error.findDetails(ErrorInfoSchema)).toMatchObject([{ reason: 'ACCESS.UNAUTHENTICATED' }]);
  }
  expect((await kept.next()).done).toBe(false);
  await kept.return?.();
});

async function untilEnd(stream: AsyncIterator<unknown>): Promise<void> {
  while (!(await stream.next()).done);
}

import { type ClientHttp2Session, type ClientHttp2Stream, connect } from 'node:http2';
import { connect as connectSocket } from 'node:net';
import { Client, credentials } from '@grpc/grpc-js';
import { afterAll, beforeAll, expect, it, jest } from '@jest/globals';
import { GrpcStatus } from '../../src/common/grpc-status.js';
import { Flags, field, frame, OPENING, parseFrames, requestBlock } from '../support/http2-bytes.js';
import { aKey, singleValidatorGenesis, TestNode } from '../support/test-node.js';

const REFLECTION = '/grpc.reflection.v1.ServerReflection/ServerReflectionInfo';
const raw = (bytes: Buffer) => bytes;

let node: TestNode;
let session: ClientHttp2Session;

beforeAll(async () => {
  const validatorKey = aKey();
  node = await TestNode.start({ genesis: singleValidatorGenesis(validatorKey), validatorKey });
  session = connect(`http://${node.operatorAddress}`, { settings: { initialWindowSize: 0 } });
  session.on('error', () => undefined);
});

afterAll(async () => {
  session?.destroy();
  await node?.stop();
});

function call(path: string, headers: Record<string, string> = {}): ClientHttp2Stream {
  const stream = session.request({
    ...{ ':method': 'POST', ':path': path, 'content-type': 'application/grpc', te: 'trailers' },
    ...headers,
  });
  return stream.on('error', () => undefined);
}

/** A message of gRPC with one field of text. */
function message(field: number, text: string): Buffer {
  const bytes = Buffer.from(text);
  const length = bytes.length < 128 ? [bytes.length] : [(bytes.length % 128) + 128, bytes.length >> 7];
  const body = Buffer.concat([Buffer.from([(field << 3) | 2, ...length]), bytes]);
  const head = Buffer.alloc(5);
  head.writeUInt32BE(body.length, 1);
  return Buffer.concat([head, body]);
}

it('a call with metadata that gRPC does not allow is refused before anything prints it', async () => {
  const printed = jest.spyOn(console, 'error').mockImplementation(() => undefined);
  const stream = call('/v1.System/GetStatus', { authorization: 'Bearer secret-t\u00f6ken' });
  const headers = await new Promise<Record<string, unknown>>((resolve) => stream.once('response', resolve));
  expect(headers['grpc-status']).toBe(String(GrpcStatus.INVALID_ARGUMENT));
  expect(headers['grpc-message']).toContain('characters');
  expect(printed).not.toHaveBeenCalled();
  printed.mockRestore();
});

it.each([
  ['with metadata that is refused', '/v1.System/GetStatus', field('x-bad', 't\u00f6')],
  ['of a method that nobody has', '/un.Known/Method', Buffer.alloc(0)],
  ['of a method', '/v1.System/GetStatus', Buffer.alloc(0)],
])('a call %s that is taken back in the same breath is nobody’s end', async (_what, path, more) => {
  const block = Buffer.concat([requestBlock(path, field(':authority', 'localhost')), more]);
  const [host, port] = node.operatorAddress.split(':');
  const socket = connectSocket(Number(port), host).on('error', () => undefined);
  socket.write(
    Buffer.concat([
      OPENING,
      frame('headers', 1, block, Flags.END_HEADERS),
      frame('reset', 1, Buffer.from([0, 0, 0, 8])),
      frame('ping', 0, Buffer.alloc(8)),
    ]),
  );
  // Its answer to the ping comes when all before it was seen.
  let bytes = Buffer.alloc(0);
  await new Promise<void>((resolve) =>
    socket.on('data', (part) => {
      bytes = Buffer.concat([bytes, part]);
      if (parseFrames(bytes).some(({ type }) => type === 'ping')) resolve();
    }),
  );
  socket.destroy();
  expect((await node.system().getStatus({})).network).toBe(7_331n);
});

it('a deadline that no timer can hold does not end a stream', async () => {
  const warned = jest.fn();
  process.on('warning', warned);
  const stream = call('/v1.System/Subscribe', { 'grpc-timeout': '600H' });
  stream.end(message(1, ''));
  const headers = await new Promise<Record<string, unknown>>((resolve) => stream.once('response', resolve));
  expect(headers).not.toHaveProperty('grpc-status');
  expect(stream.closed).toBe(false);
  expect(warned).not.toHaveBeenCalled();
  process.off('warning', warned);
  stream.destroy();
});

it.each([
  ['a window beyond all bounds', [frame('windowUpdate', 0, Buffer.from([0x7f, 0xff, 0xff, 0xff]))]],
  ['more empty frames than Node takes', Array.from({ length: 1_500 }, () => frame('data', 1))],
])('a connection that fails with its first packet is nobody’s end: %s', async (_what, frames) => {
  const block = requestBlock('/v1.System/GetStatus', field(':authority', 'localhost'));
  const [host, port] = node.operatorAddress.split(':');
  const socket = connectSocket(Number(port), host).on('error', () => undefined);
  const closed = new Promise((resolve) => socket.resume().once('close', resolve));
  socket.write(Buffer.concat([OPENING, frame('headers', 1, block, Flags.END_HEADERS), ...frames]));
  await closed;
  expect((await node.system().getStatus({})).network).toBe(7_331n);
});

it('who asks reflection and never reads is heard no further', async () => {
  const stream = call(REFLECTION);
  const question = message(4, 'edgekeeper.v1.Peers.List');
  const part = Buffer.concat(Array.from({ length: 2_000 }, () => question));
  let taken = 0;
  const send = (): void => {
    for (let more = true; more && taken < 512; taken += 1) more = stream.write(part);
    stream.once('drain', send);
  };
  send();
  // Other calls go on meanwhile; after some of them what was not taken is not being taken.
  for (let at = 0; at < 50; at += 1) await node.system().getStatus({});
  const taken1 = taken;
  for (let at = 0; at < 50; at += 1) await node.system().getStatus({});
  expect(taken).toBe(taken1);
  expect(taken).toBeLessThan(100);
  stream.close();
});

it('reflection answers all that is asked, to who reads', async () => {
  const client = new Client(node.operatorAddress, credentials.createInsecure());
  const stream = client.makeBidiStreamRequest(REFLECTION, raw, raw);
  let answers = 0;
  stream.on('data', () => {
    answers += 1;
  });
  const ended = new Promise((resolve) => stream.once('end', resolve));
  for (let at = 0; at < 200; at += 1) stream.write(message(4, 'edgekeeper.v1.Peers.List').subarray(5));
  stream.end();
  await ended;
  client.close();
  expect(answers).toBe(200);
});

it('a name that no service has is not kept, nor said again', async () => {
  const client = new Client(node.operatorAddress, credentials.createInsecure());
  const check = (name: string) =>
    new Promise<{ code?: number; details?: string }>((resolve) =>
      client.makeUnaryRequest(
        '/grpc.health.v1.Health/Check',
        raw,
        raw,
        message(1, name).subarray(5),
        (error) => resolve(error ?? {}),
      ),
    );
  expect(await check('edgekeeper.sync')).toEqual({});
  expect(await check('x'.repeat(10_000))).toMatchObject({ code: 5, details: 'service unknown' });
  const watch = (name: string) =>
    client.makeServerStreamRequest('/grpc.health.v1.Health/Watch', raw, raw, message(1, name).subarray(5));
  const long = watch('x'.repeat(257));
  const refused = await new Promise<{ code: number }>((resolve) => long.once('error', resolve as never));
  expect(refused.code).toBe(GrpcStatus.INVALID_ARGUMENT);
  const unknown = watch('x').on('error', () => undefined);
  const [status] = await new Promise<Buffer[]>((resolve) => unknown.once('data', (data) => resolve([data])));
  // SERVICE_UNKNOWN, as the health protocol has it.
  expect(status?.toString('hex')).toBe('0803');
  unknown.cancel();
  client.close();
});

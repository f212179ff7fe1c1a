import { once } from 'node:events';
import { connect } from 'node:http2';
import { connect as connectSocket } from 'node:net';
import { fromBinary } from '@bufbuild/protobuf';
import { EmptySchema } from '@bufbuild/protobuf/wkt';
import { Client, credentials } from '@grpc/grpc-js';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { GrpcStatus } from '../../src/common/grpc-status.js';
import { PeersAddResponseSchema } from '../../src/gen/v1/system_pb.js';
import { aKey, singleValidatorGenesis, TestNode } from '../support/test-node.js';
import { waitFor } from '../support/wait-for.js';

const UNREACHABLE = '/ip4/127.0.0.1/tcp/1/p2p/16Uiu2HAmAQLdECPvYyixQMWSesTJd7jbF1Q9JGVXLQM5PHRrZVy9';
const buffer = (value: Buffer) => value;

describe('the operator port', () => {
  const validatorKey = aKey();
  let node: TestNode;

  beforeAll(async () => {
    const settings = { system: { subscriberCapacity: 1 } };
    node = await TestNode.start({ genesis: singleValidatorGenesis(validatorKey), validatorKey, settings });
  });

  afterAll(() => node?.stop());

  const unary = async (path: string, request: Buffer): Promise<{ code: number; reply: Buffer }> => {
    const client = new Client(node.operatorAddress, credentials.createInsecure());
    return new Promise<{ code: number; reply: Buffer }>((resolve) => {
      client.makeUnaryRequest(path, buffer, buffer, request, (error, reply = Buffer.alloc(0)) =>
        resolve({ code: error?.code ?? 0, reply }),
      );
    }).finally(() => client.close());
  };

  const field = (number: number, bytes: Uint8Array) =>
    Buffer.concat([Buffer.from([(number << 3) | 2, bytes.length]), bytes]);

  it('PeersAdd answers clients of either contract', async () => {
    const { reply } = await unary('/v1.System/PeersAdd', field(1, Buffer.from(UNREACHABLE)));
    expect(fromBinary(PeersAddResponseSchema, reply).message).toBe('Peer address marked ready for dialing');
    expect(fromBinary(EmptySchema, reply).$typeName).toBe('google.protobuf.Empty');
  });

  it.each([
    ['PeersAdd', field(1, Buffer.from('/ip4/garbage')), GrpcStatus.INVALID_ARGUMENT],
    ['PeersAdd', Buffer.alloc(0), GrpcStatus.INVALID_ARGUMENT],
    ['PeersStatus', field(1, Buffer.from('nope')), GrpcStatus.INVALID_ARGUMENT],
    ['BlockByNumber', Buffer.from([0x08, 0xff, 0xff, 0x03]), GrpcStatus.NOT_FOUND],
    ['Nothing', Buffer.alloc(0), GrpcStatus.UNIMPLEMENTED],
    ['PeersAdd', Buffer.alloc(20_000, 0x0a), GrpcStatus.RESOURCE_EXHAUSTED],
  ])('%s refuses a bad request with its code', async (method, request, code) => {
    expect((await unary(`/v1.System/${method}`, request)).code).toBe(code);
  });

  it.each(['PeersAdd', 'PeersStatus', 'BlockByNumber', 'Export', 'GetStatus', 'Subscribe'])(
    'an undecodable request of %s is refused as such',
    async (method) => {
      const { code } = await unary(`/v1.System/${method}`, Buffer.from([0x0f]));
      expect(code).toBe(GrpcStatus.INVALID_ARGUMENT);
    },
  );

  it('Export refuses a range that ends before it begins', async () => {
    const chunks = node.system().export({ from: 5n, to: 5n });
    await expect(chunks[Symbol.asyncIterator]().next()).rejects.toMatchObject({
      code: GrpcStatus.OUT_OF_RANGE,
    });
  });

  it('is alive and ready to health checks', async () => {
    const check = (service: string) => unary('/grpc.health.v1.Health/Check', field(1, Buffer.from(service)));
    for (const service of ['', 'v1.System'])
      expect((await check(service)).reply).toEqual(Buffer.from([0x08, 0x01]));
    expect((await check('edgekeeper.sync')).reply).toEqual(Buffer.from([0x08, 0x01]));
    expect((await check('edgekeeper.peers')).reply).toEqual(Buffer.from([0x08, 0x02]));
    expect((await check('v1.Identity')).code).toBe(GrpcStatus.NOT_FOUND);
  });

  it('tells its services by reflection', async () => {
    const client = new Client(node.operatorAddress, credentials.createInsecure());
    const path = '/grpc.reflection.v1.ServerReflection/ServerReflectionInfo';
    const call = client.makeBidiStreamRequest(path, buffer, buffer);
    const listed = new Promise<Buffer>((resolve, reject) => call.once('data', resolve).once('error', reject));
    call.write(field(7, Buffer.from('*')));
    const text = (await listed).toString('latin1');
    call.end();
    client.close();
    expect(text).toContain('v1.System');
    expect(text).not.toContain('v1.Identity');
  });

  it('a subscriber that never reads stops nobody: blocks go on, others get them', async () => {
    const session = connect(`http://${node.operatorAddress}`, { settings: { initialWindowSize: 0 } });
    const stalled = session.request({
      ':method': 'POST',
      ':path': '/v1.System/Subscribe',
      'content-type': 'application/grpc',
      te: 'trailers',
    });
    stalled.end(Buffer.alloc(5));
    const before = node.chain.head()?.number ?? 0;
    const seen: bigint[] = [];
    for await (const { added } of node.system().subscribe({})) {
      seen.push(...added.map(({ number }) => number));
      if (seen.length === 3) break;
    }
    expect(Number(seen[2])).toBe(Number(seen[0]) + 2);
    await waitFor(node.chain.head$, ({ number }) => number >= before + 3);
    session.destroy();
  });

  it('ends open streams at once when the node stops', async () => {
    const own = await TestNode.start({ genesis: singleValidatorGenesis(validatorKey) });
    const stream = own.system().subscribe({})[Symbol.asyncIterator]();
    const ended = stream.next();
    await own.system().getStatus({});
    const stopped = own.stop();
    await expect(ended).rejects.toMatchObject({ code: GrpcStatus.UNAVAILABLE });
    await stopped;
  });

  it('clients that say nothing, or begin and fall silent, do not hold up the end', async () => {
    const own = await TestNode.start({ genesis: singleValidatorGenesis(validatorKey) });
    const port = Number(own.operatorAddress.split(':')[1]);
    const sockets = Array.from({ length: 5 }, () => connectSocket(port, '127.0.0.1'));
    await Promise.all(sockets.map((socket) => once(socket, 'connect')));
    sockets[0]?.write('PRI * HTTP/2.0');
    const closed = sockets.map(
      (socket) =>
        new Promise((resolve) =>
          socket
            .resume()
            .on('error', () => undefined)
            .once('close', resolve),
        ),
    );
    const startedAtMs = performance.now();
    await own.stop();
    await Promise.all(closed);
    // Before they would be let go anyway.
    expect(performance.now() - startedAtMs).toBeLessThan(9_000);
  });

  it('says which port is taken, and by which flag', async () => {
    const grpcPort = Number(node.operatorAddress.split(':')[1]);
    const settings = { system: { grpcPort } };
    const second = TestNode.start({ genesis: singleValidatorGenesis(validatorKey), settings });
    await expect(second).rejects.toMatchObject({ code: 'SYSTEM.LISTEN_FAILED' });
    await expect(second).rejects.toThrow(`127.0.0.1:${grpcPort} (--grpc-address)`);
  });
});

import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { Code, createClient, type Transport } from '@connectrpc/connect';
import { createConnectTransport, createGrpcTransport } from '@connectrpc/connect-node';
import { Client, credentials } from '@grpc/grpc-js';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { NEVER } from 'rxjs';
import { settingsSchema } from '../../src/config/schema.js';
import { System } from '../../src/gen/v1/system_pb.js';
import { callerOf, createAccess, type Identity } from '../../src/modules/access/index.js';
import { NodeTransport } from '../../src/transport/node-transport.js';
import { handlerPattern } from '../../src/transport/peer-router.js';
import { eventually } from '../support/eventually.js';
import { ManualClock } from '../support/manual-clock.js';
import { RecordingLogger } from '../support/recording-logger.js';

const POST = 'POST /v1.System/GetStatus HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n';

describe(NodeTransport.name, () => {
  let clock: ManualClock;
  let transport: NodeTransport;
  let callers: Identity[];
  let asked: number;
  const sockets: Socket[] = [];

  beforeEach(async () => {
    clock = new ManualClock();
    const log = new RecordingLogger();
    const settings = settingsSchema.parse({ node: { dataDir: 'none' }, system: { grpcPort: 0 } });
    transport = new NodeTransport(settings.system, () => ({
      access: createAccess({ config: settings.access, clock, log }),
      clock,
      log,
    }));
    callers = [];
    asked = 0;
    const answer = (method: string, handle: (metadata: unknown) => unknown) =>
      transport.addHandler(handlerPattern('System', method), async (...[_request, metadata]) => {
        asked += 1;
        return handle(metadata) as never;
      });
    answer('GetStatus', (metadata) => {
      callers.push(callerOf(metadata));
      return { network: 7n };
    });
    answer('PeersList', () => new Promise(() => undefined));
    answer('Subscribe', () => NEVER);
    await new Promise<void>((resolve) => void transport.listen(() => resolve()));
  });

  afterEach(async () => {
    for (const socket of sockets.splice(0)) socket.destroy();
    await transport.close();
  });

  const baseUrl = () => `http://127.0.0.1:${transport.port}`;
  const open = (said: string): Socket => {
    const socket = connect(transport.port, '127.0.0.1').on('error', () => undefined);
    sockets.push(socket.resume());
    if (said !== '') socket.write(said);
    return socket;
  };
  const closeOf = (socket: Socket) => new Promise((resolve) => socket.once('close', resolve));

  describe.each<[string, () => Transport]>([
    ['gRPC', () => createGrpcTransport({ baseUrl: baseUrl() })],
    ['Connect', () => createConnectTransport({ baseUrl: baseUrl(), httpVersion: '1.1' })],
  ])('%s', (_name, transportTo) => {
    it('tells handlers who calls', async () => {
      expect((await createClient(System, transportTo()).getStatus({})).network).toBe(7n);
      expect(callers).toEqual([{ name: 'loopback', role: 'admin', how: 'loopback' }]);
    });

    it('ends a call that is not answered in time', async () => {
      const call = createClient(System, transportTo()).peersList({});
      const refused = expect(call).rejects.toMatchObject({ code: Code.DeadlineExceeded });
      await eventually(() => asked === 1);
      clock.advance(30_000);
      await refused;
    });

    it('ends its streams and its connections, however long they would stay', async () => {
      const events = createClient(System, transportTo()).subscribe({})[Symbol.asyncIterator]();
      const ended = expect(events.next()).rejects.toThrow();
      await eventually(() => asked === 1);
      const silent = [open(''), open('P'), open('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'), open('POST / HT')];
      await Promise.all(silent.map((socket) => once(socket, 'connect')));
      const closed = silent.map(closeOf);
      await transport.close();
      await Promise.all(closed);
      await ended;
    });
  });

  it('tells who watches of a part that is well again, once', async () => {
    const client = new Client(`127.0.0.1:${transport.port}`, credentials.createInsecure());
    const buffer = (value: Buffer) => value;
    const request = Buffer.from('\n\u000fedgekeeper.sync');
    const call = client.makeServerStreamRequest('/grpc.health.v1.Health/Watch', buffer, buffer, request);
    const told: number[] = [];
    call.on('data', (reply: Buffer) => told.push(reply[1] ?? 0)).on('error', () => undefined);
    transport.setServing('edgekeeper.sync', false);
    await eventually(() => told.length > 0);
    for (const isServing of [false, true, true, false]) transport.setServing('edgekeeper.sync', isServing);
    await eventually(() => told.length === 3);
    client.close();
    expect(told).toEqual([2, 1, 2]);
  });

  it.each([
    ['says nothing', '', 10_000],
    ['does not say enough to tell what it speaks', 'PR', 10_000],
    ['does not end its headers', 'POST / HTTP/1.1\r\n', 10_000],
    ['does not end its body', `${POST}content-length: 9\r\n\r\n{`, 10_000],
  ])('lets go of a client that %s', async (_what, said, afterMs) => {
    const socket = open(said);
    const closed = closeOf(socket);
    await once(socket, 'connect');
    // The node hears of it in its own time.
    await eventually(() => {
      clock.advance(afterMs);
      return socket.destroyed;
    });
    await closed;
  });

  it('keeps a connection for the next call, for a while', async () => {
    const call = `${POST}content-length: 2\r\n\r\n{}`;
    const socket = open(call);
    await once(socket, 'data');
    clock.advance(4_000);
    socket.write(call);
    await once(socket, 'data');
    expect(callers).toHaveLength(2);
    const closed = closeOf(socket);
    clock.advance(6_000);
    await closed;
  });
});

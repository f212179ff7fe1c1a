import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { eventually } from '../../test/support/eventually.js';
import { ManualClock } from '../../test/support/manual-clock.js';
import { OperatorServer } from '../../test/support/operator-server.js';
import { Code, createOperatorClient, IbftOperator, type OperatorClient, System } from './index.js';

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const clean of cleanups.splice(0).reverse()) await clean();
});

async function serve(answers: Parameters<typeof OperatorServer.start>[0]): Promise<OperatorServer> {
  const server = await OperatorServer.start(answers);
  cleanups.push(() => server.stop());
  return server;
}

function clientOf(options: Parameters<typeof createOperatorClient>[0]): OperatorClient {
  const client = createOperatorClient(options);
  cleanups.push(() => client.close());
  return client;
}

describe(createOperatorClient.name, () => {
  it('calls services over one connection, with the token, and closes it', async () => {
    const tokens: (string | null)[] = [];
    const server = await serve({
      getStatus: (_, { requestHeader }) => {
        tokens.push(requestHeader.get('authorization'));
        return { network: 7n };
      },
    });
    const client = clientOf({ address: server.address, token: 'secret' });
    expect((await client.service(System).getStatus({})).network).toBe(7n);
    await expect(client.service(IbftOperator).status({})).rejects.toMatchObject({ code: Code.Unimplemented });
    expect(tokens).toEqual(['Bearer secret']);
    expect(server.openSessions).toBe(1);
    client.close();
    await eventually(() => server.openSessions === 0);
  });

  it('sends no token unless it was given one', async () => {
    let token: string | null | undefined;
    const server = await serve({
      getStatus: (_, { requestHeader }) => {
        token = requestHeader.get('authorization');
        return {};
      },
    });
    await clientOf({ address: server.address }).service(System).getStatus({});
    expect(token).toBeNull();
  });

  it('gives up a unary call that is not answered in time, but no stream', async () => {
    const clock = new ManualClock();
    let asked = 0;
    const server = await serve({
      getStatus: () => {
        asked++;
        return new Promise(() => undefined);
      },
      async *subscribe() {
        yield {};
        asked++;
        await new Promise(() => undefined);
      },
    });
    const system = clientOf({ address: server.address, timeoutMs: 500, clock }).service(System);
    const stream = system.subscribe({})[Symbol.asyncIterator]();
    expect((await stream.next()).done).toBe(false);
    const next = stream.next();
    const status = system.getStatus({});
    const refused = expect(status).rejects.toMatchObject({ code: Code.DeadlineExceeded });
    await eventually(() => asked === 2);
    clock.advance(500);
    await refused;
    expect(await Promise.race([next, Promise.resolve('open')])).toBe('open');
    next.catch(() => undefined);
  });

  it('speaks TLS when it is told to', async () => {
    const tcp = createServer().listen(0, '127.0.0.1');
    await once(tcp, 'listening');
    cleanups.push(() => tcp.close());
    const { port } = tcp.address() as { port: number };
    const first = once(tcp, 'connection').then(async ([socket]) => {
      const [bytes] = (await once(socket as Socket, 'data')) as [Buffer];
      (socket as Socket).destroy();
      return bytes[0];
    });
    const call = clientOf({ address: `127.0.0.1:${port}`, tls: {} })
      .service(System)
      .getStatus({});
    await expect(call).rejects.toThrow();
    // A handshake record.
    expect(await first).toBe(0x16);
  });

  it.each([
    { name: 'HTTP/1.1', says: 'HTTP/1.1 400 Bad Request\r\n\r\n' },
    { name: 'the protocols of peers', says: '\x13/multistream/1.0.0\n' },
  ])('is closed without an uncaught error when what answers speaks $name', async ({ says }) => {
    const tcp = createServer((socket) => {
      socket.on('error', () => undefined);
      socket.once('data', () => socket.write(says));
    }).listen(0, '127.0.0.1');
    await once(tcp, 'listening');
    const connected = once(tcp, 'connection');
    cleanups.push(() => tcp.close());
    const { port } = tcp.address() as { port: number };
    const client = clientOf({ address: `127.0.0.1:${port}` });
    const call = client.service(System).getStatus({});
    await expect(call.finally(() => client.close())).rejects.toMatchObject({ code: Code.Internal });
    const [socket] = (await connected) as [Socket];
    if (!socket.destroyed) await once(socket, 'close');
    // The error of the connection would come now, after its socket is closed here too.
    await new Promise((resolve) => setImmediate(resolve));
  });

  it('connects anew for a call after it was closed while it connected', async () => {
    const gone = await OperatorServer.start({});
    await gone.stop();
    const client = clientOf({ address: gone.address, timeoutMs: 2_000 });
    const first = client.service(System).getStatus({});
    const aborted = expect(first).rejects.toMatchObject({ code: Code.Canceled });
    // A few turns in, the call has begun to connect.
    for (let turn = 0; turn < 10; turn++) await undefined;
    client.close();
    await expect(client.service(System).getStatus({})).rejects.toThrow('ECONNREFUSED');
    await aborted;
  });

  it.each(['', 'localhost', ':9632', 'http://localhost:1', 'a@b:1', '::1:9632', 'host:port', 'h:1/x'])(
    'refuses %j as an address',
    (address) => {
      expect(() => createOperatorClient({ address })).toThrow(TypeError);
    },
  );

  it('takes an IPv6 address in brackets', () => {
    expect(() => clientOf({ address: '[::1]:9632' })).not.toThrow();
  });
});

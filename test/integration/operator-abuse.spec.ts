import { once } from 'node:events';
import { connect as connectHttp2 } from 'node:http2';
import { connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { Client, credentials, Metadata } from '@grpc/grpc-js';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { GrpcStatus } from '../../src/common/grpc-status.js';
import { Certificates } from '../support/certificates.js';
import { httpCall } from '../support/http-client.js';
import { aKey, singleValidatorGenesis, TestNode } from '../support/test-node.js';

const PREFACE = 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n';
const closeOf = (socket: Socket) => new Promise((resolve) => socket.once('close', resolve));
const buffer = (value: Buffer) => value;

/** An HTTP/2 frame on stream 0. */
function frame(type: number, payload: Uint8Array, flags = 0): Buffer {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.length, 0, 3);
  head[3] = type;
  head[4] = flags;
  return Buffer.concat([head, payload]);
}

describe('what the operator port is spared', () => {
  let node: TestNode;

  beforeAll(async () => {
    const validatorKey = aKey();
    node = await TestNode.start({ genesis: singleValidatorGenesis(validatorKey), validatorKey });
  });

  afterAll(() => node?.stop());

  const open = (address = node.operatorAddress): Socket => {
    const [host = '', port] = address.split(':');
    return connect(Number(port), host).on('error', () => undefined);
  };

  /** Writes as much as the node takes, up to `bytes`; then how much memory that left behind, in MiB. */
  async function flood(begin: Uint8Array | string, part: Uint8Array, bytes: number): Promise<number> {
    const before = process.memoryUsage().rss;
    const socket = open();
    socket.resume();
    socket.write(begin);
    const closed = closeOf(socket);
    for (let sent = 0; sent < bytes && !socket.destroyed; sent += part.length) {
      if (!socket.write(part))
        await Promise.race([new Promise((resolve) => socket.once('drain', resolve)), closed]);
    }
    const grown = (process.memoryUsage().rss - before) / 1_048_576;
    expect((await node.system().getStatus({})).network).toBe(7_331n);
    socket.destroy();
    return grown;
  }

  it.each([
    ['pings', frame(6, Buffer.alloc(8))],
    ['settings', frame(4, new Uint8Array(0))],
  ])('a flood of %s does not grow it or stop others', async (_what, one) => {
    const begin = Buffer.concat([Buffer.from(PREFACE), frame(4, new Uint8Array(0))]);
    const part = Buffer.concat(Array.from({ length: 1_000 }, () => one));
    expect(await flood(begin, part, 8_000_000)).toBeLessThan(200);
  });

  it('calls that are cancelled as fast as they begin do not stop others', async () => {
    const session = connectHttp2(`http://${node.operatorAddress}`).on('error', () => undefined);
    for (let round = 0; round < 5 && !session.destroyed; round++) {
      for (let at = 0; at < 100 && !session.destroyed; at++) {
        const headers = {
          ':method': 'POST',
          ':path': '/v1.System/Subscribe',
          'content-type': 'application/grpc',
        };
        const stream = session.request(headers).on('error', () => undefined);
        stream.close(8);
      }
      await node.system().getStatus({});
    }
    session.destroy();
    expect((await node.system().getStatus({})).network).toBe(7_331n);
  });

  it('more metadata than fits is refused', async () => {
    const client = new Client(node.operatorAddress, credentials.createInsecure());
    const metadata = new Metadata();
    for (let at = 0; at < 100; at++) metadata.set(`x-${at}`, 'x'.repeat(200));
    const code = await new Promise((resolve) =>
      client.makeUnaryRequest('/v1.System/GetStatus', buffer, buffer, Buffer.alloc(0), metadata, (error) =>
        resolve(error?.code ?? 0),
      ),
    );
    client.close();
    expect(code).toBe(GrpcStatus.RESOURCE_EXHAUSTED);
    expect((await httpCall(node.operatorAddress, { headers: { x: 'x'.repeat(40_000) } })).status).toBe(431);
  });

  it.each([
    ['a header without end', 'POST /v1.System/GetStatus HTTP/1.1\r\nhost: localhost\r\nx: '],
    [
      'a body without end',
      'POST /v1.System/PeersAdd HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n',
    ],
  ])('%s does not grow it', async (_what, begin) => {
    const chunk = Buffer.from(`4000\r\n${'x'.repeat(0x4000)}\r\n`);
    expect(await flood(begin, chunk, 64_000_000)).toBeLessThan(200);
  });

  it('answers calls that come without waiting, up to a number at a time', async () => {
    const call =
      'POST /v1.System/GetStatus HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}';
    const answersTo = async (calls: number) => {
      const socket = open();
      let text = '';
      socket.on('data', (part) => {
        text += part;
      });
      socket.write(call.repeat(calls));
      socket.end();
      await closeOf(socket);
      return text.split('HTTP/1.1 200').length - 1;
    };
    expect(await answersTo(9)).toBe(9);
    expect(await answersTo(1_000)).toBeLessThan(1_000);
  });

  it('sockets of every kind do not hold up the end', async () => {
    const certificates = await Certificates.create();
    const { cert, key } = await certificates.pair({ name: 'node' });
    const tls = {
      certFile: await certificates.write('cert.pem', cert),
      keyFile: await certificates.write('key.pem', key),
      clientCertificates: 'required' as const,
    };
    for (const settings of [{}, { system: { tls } }]) {
      const own = await TestNode.start({ genesis: singleValidatorGenesis(aKey()), settings });
      const begin = (said: string) => {
        const [host = '', port] = own.operatorAddress.split(':');
        const socket =
          'system' in settings && said !== ''
            ? connectTls({ host, port: Number(port), ca: certificates.ca })
            : connect(Number(port), host);
        socket.on('error', () => undefined).resume();
        if (said !== '') socket.write(said);
        return socket;
      };
      const stream = 'POST /v1.System/Subscribe HTTP/1.1\r\nhost: localhost\r\n';
      const kinds = [
        '',
        'P',
        PREFACE,
        'POST / HTTP/1.1\r\n',
        `${stream}content-type: application/connect+json\r\n`,
      ];
      const sockets = kinds.map(begin);
      const subscriber = begin(
        `${stream}content-type: application/connect+json\r\ncontent-length: 7\r\n\r\n\0\0\0\0\u0002{}`,
      );
      const idle = begin('POST / HTTP/1.1\r\nhost: localhost\r\ncontent-length: 0\r\n\r\n');
      await once(idle, 'data');
      const closed = [...sockets, subscriber, idle].map(
        (socket) => socket.destroyed || once(socket, 'close'),
      );
      const startedAtMs = performance.now();
      await own.stop();
      await Promise.all(closed);
      // Before they would be let go anyway.
      expect(performance.now() - startedAtMs).toBeLessThan(9_000);
    }
    await certificates.remove();
  });
});

import { once } from 'node:events';
import { type AddressInfo, connect as connectSocket, createServer, type Server, type Socket } from 'node:net';
import { type ConnectionOptions, connect, type TLSSocket } from 'node:tls';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { TlsEndpoint } from '../../src/transport/operator/tls-endpoint.js';
import { Certificates, type Pair } from '../support/certificates.js';
import { eventually } from '../support/eventually.js';
import { ManualClock } from '../support/manual-clock.js';
import { RecordingLogger } from '../support/recording-logger.js';

describe(TlsEndpoint.name, () => {
  const clock = new ManualClock(Date.now());
  const log = new RecordingLogger();
  let certificates: Certificates;
  let listener: Server | undefined;
  let sut: TlsEndpoint | undefined;
  const raw: Socket[] = [];
  const failures: string[] = [];
  let greet: (secured: TLSSocket) => void;

  beforeEach(async () => {
    failures.length = 0;
    greet = (secured) => void secured.end('hello');
    certificates = await Certificates.create();
  });

  afterEach(async () => {
    sut?.close();
    listener?.close();
    for (const socket of raw.splice(0)) socket.destroy();
    await certificates.remove();
  });

  const writePair = async ({ cert, key }: Pair) => ({
    certFile: await certificates.write('cert.pem', cert),
    keyFile: await certificates.write('key.pem', key),
  });

  /** Listens with a pair of this name, and says hello to whom it lets in. */
  async function listen(
    name: string,
    clients?: 'required' | 'optional',
    handshakeMs?: number,
  ): Promise<number> {
    const files = await writePair(await certificates.pair({ name }));
    const clientCaFile = clients && (await certificates.write('ca.pem', certificates.ca));
    const config = { ...files, clientCaFile, clientCertificates: clients ?? 'required' };
    const endpoint = new TlsEndpoint({
      config,
      clock,
      log,
      onFailed: (address, reason) => failures.push(`${address} ${reason}`),
      ...(handshakeMs ? { handshakeMs } : {}),
    });
    sut = endpoint;
    listener = createServer((socket) => {
      raw.push(socket);
      endpoint.take(socket, greet);
    });
    listener.listen(0, '127.0.0.1');
    await once(listener, 'listening');
    return (listener.address() as AddressInfo).port;
  }

  /** What the server says, with the name on its certificate; or how it fails. */
  async function visit(port: number, options: ConnectionOptions = {}): Promise<string> {
    return new Promise((resolve) => {
      const socket: TLSSocket = connect(
        { host: '127.0.0.1', port, ca: certificates.ca, ALPNProtocols: ['h2'], ...options },
        () => socket.once('data', (said) => resolve(`${said} ${socket.getPeerCertificate().subject.CN}`)),
      );
      socket.once('error', (error: NodeJS.ErrnoException) => resolve(`failed: ${error.code}`));
      socket.once('close', () => resolve('closed'));
    });
  }

  it('takes a new pair without a restart, and keeps the old one when the new one is broken', async () => {
    const port = await listen('first');
    expect(await visit(port)).toBe('hello first');
    const second = await certificates.pair({ name: 'second' });
    await certificates.write('cert.pem', second.cert);
    clock.advance(10_000);
    clock.advance(10_000);
    expect(await visit(port)).toBe('hello first');
    expect(log.lines.filter(({ level }) => level === 'warn')).toHaveLength(1);
    await certificates.write('key.pem', second.key);
    clock.advance(10_000);
    expect(await visit(port)).toBe('hello second');
  });

  /** A connection that stays, and the last session that it may be resumed with. */
  async function stay(port: number, options: ConnectionOptions) {
    greet = (secured) => void secured.write('hello');
    const socket = connect({ host: '127.0.0.1', port, ca: certificates.ca, ...options });
    const kept: { socket: TLSSocket; session?: Buffer; isClosed: boolean } = { socket, isClosed: false };
    socket
      .on('error', () => undefined)
      .once('close', () => {
        kept.isClosed = true;
      });
    socket.on('session', (session: Buffer) => {
      kept.session = session;
    });
    await once(socket, 'data');
    return kept;
  }

  it.each(['TLSv1.2', 'TLSv1.3'] as const)(
    'resumes no session, so that each shows its certificate: %s',
    async (version) => {
      const port = await listen('node', 'required');
      const versions = { minVersion: version, maxVersion: version };
      const kept = await stay(port, { ...versions, ...(await certificates.pair({ name: 'ops' })) });
      await eventually(() => kept.session !== undefined);
      greet = (secured) => void secured.end('hello');
      expect(await visit(port, { ...versions, session: kept.session })).toMatch(/^(failed|closed)/);
    },
  );

  it('ends the connections of a certificate that expires, and no other', async () => {
    const port = await listen('node', 'optional');
    const brief = await stay(port, await certificates.pair({ name: 'brief', days: [-1, 0.01] }));
    const others = [await stay(port, await certificates.pair({ name: 'ops' })), await stay(port, {})];
    clock.advance(0.02 * 86_400_000);
    await eventually(() => brief.isClosed);
    expect(others.map(({ isClosed }) => isClosed)).toEqual([false, false]);
    for (const { socket } of others) socket.destroy();
  });

  it('ends the connections of certificates when other authorities vouch for clients', async () => {
    const port = await listen('node', 'optional');
    const shown = await stay(port, await certificates.pair({ name: 'ops' }));
    const none = await stay(port, {});
    const other = await Certificates.create('Other CA');
    await certificates.write('ca.pem', other.ca);
    clock.advance(10_000);
    await eventually(() => shown.isClosed);
    expect(none.isClosed).toBe(false);
    none.socket.destroy();
    await other.remove();
  });

  it('lets nobody in whose handshake began when other authorities vouched for clients', async () => {
    const port = await listen('node', 'required');
    const early = connectSocket(port, '127.0.0.1');
    await eventually(() => raw.length === 1);
    const other = await Certificates.create('Other CA');
    await certificates.write('ca.pem', other.ca);
    clock.advance(10_000);
    const options = { socket: early, ca: certificates.ca, ...(await certificates.pair({ name: 'ops' })) };
    const said = jest.fn();
    const late = connect(options)
      .on('error', () => undefined)
      .on('data', said);
    await once(late, 'close');
    expect(said).not.toHaveBeenCalled();
    await other.remove();
  });

  it('takes no list of authorities that ends within one', async () => {
    const port = await listen('node', 'required');
    const other = await Certificates.create('Other CA');
    await certificates.write('ca.pem', `${certificates.ca}\n${other.ca.slice(0, 200)}`);
    clock.advance(10_000);
    expect(log.lines.at(-1)).toMatchObject({
      level: 'warn',
      fields: { error: expect.stringContaining('a block that is not whole') },
    });
    expect(await visit(port, await certificates.pair({ name: 'ops' }))).toBe('hello node');
    await other.remove();
  });

  it('does not begin with a pair that does not fit', async () => {
    const files = await writePair(await certificates.pair({ name: 'a' }));
    await certificates.write('key.pem', (await certificates.pair({ name: 'b' })).key);
    const config = { ...files, clientCertificates: 'required' as const };
    expect(() => new TlsEndpoint({ config, clock, log, onFailed: () => undefined })).toThrow(
      expect.objectContaining({ code: 'SYSTEM.TLS_INVALID' }),
    );
  });

  it.each([
    { file: 'ca.pem', text: '', reason: /has no certificate/ },
    { file: 'ca.pem', text: 'rubbish', reason: /has no certificate/ },
    {
      file: 'ca.pem',
      text: '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n',
      reason: /asn1|wrong tag|header|bad/i,
    },
    { file: 'cert.pem', text: '', reason: /has no certificate/ },
    { file: 'key.pem', text: '', reason: /key|DECODER/i },
  ])('neither begins with $text as $file nor takes it later', async ({ file, text, reason }) => {
    const port = await listen('node', 'required');
    const good = await certificates.pair({ name: 'ops' });
    await certificates.write(file, text);
    clock.advance(10_000);
    expect(log.messages('warn').at(-1)).toBe('certificate of the operator API not reloaded');
    expect(await visit(port, good)).toBe('hello node');
    const files = {
      certFile: certificates.path('cert.pem'),
      keyFile: certificates.path('key.pem'),
      clientCaFile: certificates.path('ca.pem'),
    };
    const config = { ...files, clientCertificates: 'required' as const };
    expect(() => new TlsEndpoint({ config, clock, log, onFailed: () => undefined })).toThrow(
      expect.objectContaining({ code: 'SYSTEM.TLS_INVALID', message: expect.stringMatching(reason) }),
    );
  });

  it('lets nobody show another certificate later', async () => {
    const port = await listen('node', 'optional');
    greet = (secured) => void secured.write('hello');
    const client = connect({
      host: '127.0.0.1',
      port,
      ca: certificates.ca,
      ...(await certificates.pair({ name: 'ops' })),
      maxVersion: 'TLSv1.2',
    });
    raw.push(client);
    await once(client, 'data');
    const outcome = await new Promise((resolve) => {
      client.once('error', () => resolve('cut'));
      client.once('close', () => resolve('cut'));
      client.renegotiate({}, (error) => resolve(error ? 'refused' : 'done'));
    });
    expect(outcome).not.toBe('done');
  });

  it('lets in whom the client CA vouches for, and nobody else', async () => {
    const port = await listen('node', 'required');
    const strangers = await Certificates.create();
    expect(await visit(port, await certificates.pair({ name: 'ops' }))).toBe('hello node');
    expect(await visit(port)).toMatch(/failed|closed/);
    expect(await visit(port, await strangers.pair({ name: 'ops' }))).toMatch(/failed|closed/);
    expect(await visit(port, await certificates.pair({ name: 'ops', days: [-3, -2] }))).toMatch(
      /failed|closed/,
    );
    expect(await visit(port, await certificates.pair({ name: 'ops', days: [2, 3] }))).toMatch(
      /failed|closed/,
    );
    // The client may know before the server's own socket tells that it has closed.
    await eventually(() => failures.length === 4);
    const refused = expect.stringMatching(/^127\.0\.0\.1 ended in the handshake: one side did not accept/);
    expect(failures).toEqual([
      '127.0.0.1 ERR_SSL_PEER_DID_NOT_RETURN_A_CERTIFICATE',
      refused,
      refused,
      refused,
    ]);
    await strangers.remove();
  });

  it('an optional certificate may be missing, but not wrong', async () => {
    const port = await listen('node', 'optional');
    const strangers = await Certificates.create();
    expect(await visit(port)).toBe('hello node');
    expect(await visit(port, await certificates.pair({ name: 'ops' }))).toBe('hello node');
    expect(await visit(port, await strangers.pair({ name: 'ops' }))).toMatch(/failed|closed/);
    expect(failures).toEqual(['127.0.0.1 CERT_SIGNATURE_FAILURE']);
    await strangers.remove();
  });

  it('speaks TLS 1.2 and later, and no unknown protocol', async () => {
    const port = await listen('node');
    expect(await visit(port, { maxVersion: 'TLSv1.2' })).toBe('hello node');
    expect(await visit(port, { minVersion: 'TLSv1', maxVersion: 'TLSv1.1' })).toMatch(/failed|closed/);
    expect(await visit(port, { ALPNProtocols: ['h3'] })).toMatch(/failed|closed/);
    expect(await visit(port, { ALPNProtocols: [] })).toBe('hello node');
    expect(failures).toEqual([
      '127.0.0.1 ERR_SSL_UNSUPPORTED_PROTOCOL',
      '127.0.0.1 ERR_SSL_NO_APPLICATION_PROTOCOL',
    ]);
  });

  it('bounds the handshakes that run, and lets an honest one through all the same', async () => {
    const port = await listen('node');
    const slow = Array.from({ length: 64 }, () =>
      connectSocket(port, '127.0.0.1').on('error', () => undefined),
    );
    await Promise.all(slow.map((socket) => once(socket, 'connect')));
    const [oldest] = slow;
    const gone = oldest && once(oldest.resume(), 'close');
    expect(await visit(port)).toBe('hello node');
    await gone;
    expect(failures).toEqual(['127.0.0.1 too many handshakes at a time']);
    for (const socket of slow) socket.destroy();
    await Promise.all(raw.map((socket) => socket.destroyed || once(socket, 'close')));
    expect(failures).toHaveLength(1);
  });

  it('lets go of a handshake that takes too long', async () => {
    const port = await listen('node', undefined, 100);
    const slow = connectSocket(port, '127.0.0.1').on('error', () => undefined);
    slow.write(Buffer.from([0x16, 0x03, 0x01]));
    await once(slow.resume(), 'close');
    expect(failures).toEqual(['127.0.0.1 ERR_TLS_HANDSHAKE_TIMEOUT']);
    expect(await visit(port)).toBe('hello node');
  });
});

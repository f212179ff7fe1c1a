import { type Duplex, duplexPair } from 'node:stream';
import { afterEach, describe, expect, it } from '@jest/globals';
import { eventually } from '../../../../test/support/eventually.js';
import { ManualClock } from '../../../../test/support/manual-clock.js';
import { peerLimits } from '../../../../test/support/peer-limits.js';
import { GrpcStatus } from '../../../common/grpc-status.js';
import { SilentLogger } from '../../../common/logger.port.js';
import { NetworkError } from '../network.errors.js';
import type { HostConnection, StreamHandler } from '../ports/host.port.js';
import type { PeerMethodHandler } from '../ports/peer-handlers.port.js';
import type { PeerMethod } from '../ports/peer-protocols.port.js';
import type { PeerId, ProtocolId } from '../ports/types.js';
import { PeerProtocolServer, type PeerProtocolServerOptions } from './protocol-server.js';
import { PeerRpcClient } from './stream-client.js';

const ALICE = 'alice' as PeerId;
const BOB = 'bob' as PeerId;
const SERVICES = { '/a/1': ['v1.A'], '/b/1': ['v1.B', 'v1.C'] };
const text = {
  encode: (message: unknown) => Buffer.from(String(message)),
  decode: (bytes: Uint8Array) => Buffer.from(bytes).toString(),
};

const SESSIONS = 64;

const cleanups: (() => void | Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

function rig({
  limits,
  ...options
}: Pick<PeerProtocolServerOptions, 'onCallFinished'> & { limits?: object } = {}) {
  const clock = new ManualClock();
  const { refused, ...limiting } = peerLimits(clock, limits);
  const protocols = new Map<ProtocolId, StreamHandler>();
  const asked: string[] = [];
  const waiting: (() => void)[] = [];
  const methods = new Map<string, PeerMethodHandler>();
  methods.set('Who', {
    ...text,
    maxRequestBytes: 100,
    kind: 'unary',
    handle: async (_, { peerId }) => peerId,
  });
  methods.set('Wait', {
    ...text,
    maxRequestBytes: 100,
    kind: 'unary',
    handle: () => new Promise((resolve) => waiting.push(() => resolve('done'))),
  });
  const server = new PeerProtocolServer({
    host: {
      handle: (protocol, handler) => protocols.set(protocol, handler),
      unhandle: (protocol) => protocols.delete(protocol),
    },
    handlers: {
      find: (service, method) => {
        asked.push(`${service}/${method}`);
        return methods.get(method);
      },
    },
    services: SERVICES,
    ...limiting,
    sessionsPerPeer: SESSIONS,
    clock,
    log: new SilentLogger(),
    ...options,
  });
  server.start();
  const open = (peerId: PeerId, protocol: ProtocolId): Duplex => {
    const [near, far] = duplexPair();
    near.on('error', () => {});
    // As over a network: what one end destroys, the other loses.
    far.once('close', () => near.destroy());
    near.once('close', () => far.destroy());
    const connection: HostConnection = {
      id: '1',
      peerId,
      direction: 'inbound',
      remote: '/ip4/127.0.0.1/tcp/1',
      openedAtMs: 0,
    };
    const handler = protocols.get(protocol);
    if (handler === undefined)
      throw new NetworkError({ code: 'NETWORK.PROTOCOL_UNSUPPORTED', peerId, protocol });
    handler(far, connection);
    return near;
  };
  const call = (peerId: PeerId, protocol: ProtocolId, path: string) => {
    const client = new PeerRpcClient({
      clock,
      ledger: limiting.ledger,
      userAgent: 'test',
      openStream: async () => open(peerId, protocol),
    });
    const method: PeerMethod<string, string> = { ...text, protocol, path, maxResponseBytes: 1_000 };
    return client.call(peerId, method, 'x', { signal: new AbortController().signal, timeoutMs: 60_000 });
  };
  const status = (peerId: PeerId, protocol: ProtocolId, path: string) =>
    call(peerId, protocol, path).then(
      () => GrpcStatus.OK as number,
      (error: NetworkError) =>
        error.detail.code === 'NETWORK.RPC_FAILED' ? error.detail.status : error.code,
    );
  cleanups.push(async () => {
    for (const finish of waiting) finish();
    const stopped = server.stop();
    await clock.advanceAsync(2_000);
    await stopped;
    expect(server.sessionCount).toBe(0);
    await eventually(() => clock.pendingTimers === 0);
    await eventually(() => limiting.ledger.usage().total.calls === 0);
  });
  return { refused, server, clock, protocols, asked, waiting, methods, open, call, status };
}

describe('PeerProtocolServer', () => {
  it('tells each handler who calls', async () => {
    const { call } = rig();
    expect(await call(ALICE, '/a/1', '/v1.A/Who')).toBe(ALICE);
    expect(await call(BOB, '/b/1', '/v1.C/Who')).toBe(BOB);
  });

  it('serves on each protocol the services of that protocol only, and asks for no other', async () => {
    const { status, asked } = rig();
    for (const [protocol, services] of Object.entries(SERVICES)) {
      for (const service of ['v1.A', 'v1.B', 'v1.C', 'v1.System', '']) {
        const expected = services.includes(service) ? GrpcStatus.OK : GrpcStatus.UNIMPLEMENTED;
        expect([protocol, service, await status(ALICE, protocol, `/${service}/Who`)]).toEqual([
          protocol,
          service,
          expected,
        ]);
      }
    }
    expect(asked).toEqual(['v1.A/Who', 'v1.B/Who', 'v1.C/Who']);
  });

  it('tells of every call that ended, if somebody wants to know', async () => {
    const finished: string[] = [];
    const { status } = rig({ onCallFinished: (call) => finished.push(`${call.path} ${call.status}`) });
    await status(ALICE, '/a/1', '/v1.A/Who');
    await status(ALICE, '/a/1', '/v1.B/Who');
    await eventually(() => finished.length === 2);
    expect(finished).toEqual(['/v1.A/Who 0', '/v1.B/Who 12']);
  });

  it('looks a handler up at each call', async () => {
    const { status, methods } = rig();
    expect(await status(ALICE, '/a/1', '/v1.A/Late')).toBe(GrpcStatus.UNIMPLEMENTED);
    const who = methods.get('Who');
    if (who !== undefined) methods.set('Late', who);
    expect(await status(ALICE, '/a/1', '/v1.A/Late')).toBe(GrpcStatus.OK);
  });

  it('closes the oldest idle session of a peer for a new one, on that protocol only', async () => {
    const { open, call, server, waiting } = rig();
    const busy = call(ALICE, '/a/1', '/v1.A/Wait');
    await eventually(() => waiting.length === 1);
    const idle = Array.from({ length: SESSIONS - 1 }, () => open(ALICE, '/a/1'));
    const others = [open(BOB, '/a/1'), open(ALICE, '/b/1')];
    expect(server.sessionCount).toBe(SESSIONS + 2);
    const added = [open(ALICE, '/a/1'), open(ALICE, '/a/1')];
    await eventually(() => idle[0]?.destroyed === true && idle[1]?.destroyed === true);
    expect(server.sessionCount).toBe(SESSIONS + 2);
    expect([...idle.slice(2), ...others, ...added].some(({ destroyed }) => destroyed)).toBe(false);
    waiting[0]?.();
    expect(await busy).toBe('done');
  });

  it('bounds the calls of one peer, and closes its oldest session when all are busy', async () => {
    const { status, call, open, server, waiting, methods, refused } = rig();
    const calls = Array.from({ length: 33 }, () => status(ALICE, '/a/1', '/v1.A/Wait'));
    await eventually(() => waiting.length === 32);
    expect(await Promise.race(calls)).toBe(GrpcStatus.RESOURCE_EXHAUSTED);
    expect(refused).toEqual(['NETWORK.LIMIT_REACHED']);
    expect(await call(BOB, '/a/1', '/v1.A/Who')).toBe(BOB);
    for (const finish of waiting) finish();
    expect((await Promise.all(calls)).filter((one) => one === GrpcStatus.OK)).toHaveLength(32);
    expect(await call(ALICE, '/a/1', '/v1.A/Who')).toBe(ALICE);
    expect(methods.size).toBe(2);
    open(ALICE, '/a/1').resume();
    expect(server.sessionCount).toBeGreaterThan(0);
  });

  it('makes calls that come too fast wait their turn, and refuses those that would wait too long', async () => {
    const { status, clock, refused } = rig({ limits: { callsPerSecond: 2, callBurst: 3 } });
    const answers: (number | string)[] = [];
    const ask = (protocol: ProtocolId, path: string) =>
      void status(ALICE, protocol, path).then((code) => answers.push(code));
    for (let n = 0; n < 6; n += 1) ask('/a/1', '/v1.A/Who');
    for (let n = 0; n < 6; n += 1) ask('/b/1', `/v1.B/Nope${n}`);
    const { OK, UNIMPLEMENTED, RESOURCE_EXHAUSTED } = GrpcStatus;
    const served = [OK, OK, OK, RESOURCE_EXHAUSTED];
    const unserved = [UNIMPLEMENTED, UNIMPLEMENTED, UNIMPLEMENTED, RESOURCE_EXHAUSTED];
    await eventually(() => answers.length === 8);
    expect(answers.sort()).toEqual([...served, ...unserved].sort());
    expect(refused).toEqual(['NETWORK.RATE_LIMITED', 'NETWORK.RATE_LIMITED']);
    await clock.advanceAsync(500);
    await eventually(() => answers.length === 10);
    await clock.advanceAsync(500);
    await eventually(() => answers.length === 12);
    expect(answers.filter((code) => code === RESOURCE_EXHAUSTED)).toHaveLength(2);
    expect(await status(BOB, '/a/1', '/v1.A/Who')).toBe(OK);
  });

  it('ends streams that a peer opens too fast', async () => {
    const { open, server, refused } = rig({ limits: { callsPerSecond: 1, callBurst: 2 } });
    const streams = Array.from({ length: 6 }, () => open(ALICE, '/a/1'));
    await eventually(() => streams.filter(({ destroyed }) => destroyed).length === 2);
    expect(server.sessionCount).toBe(4);
    expect(refused).toEqual(['NETWORK.RATE_LIMITED', 'NETWORK.RATE_LIMITED']);
  });

  it('stops within its bound, whatever its sessions do, and is final', async () => {
    const { server, protocols, open, status, clock, waiting } = rig();
    open(ALICE, '/a/1').resume();
    const stuck = status(BOB, '/b/1', '/v1.B/Wait');
    await eventually(() => waiting.length === 1);
    const stopped = server.stop();
    expect(protocols.size).toBe(0);
    await clock.advanceAsync(2_000);
    await stopped;
    expect(server.sessionCount).toBe(0);
    expect(await stuck).toBe('NETWORK.STREAM_FAILED');
    server.start();
    expect(protocols.size).toBe(0);
    await server.stop();
  });

  it('may be started twice, and stopped before it started', async () => {
    const { server, protocols } = rig();
    server.start();
    expect([...protocols.keys()]).toEqual(Object.keys(SERVICES));
    const other = new PeerProtocolServer({
      host: { handle: () => {}, unhandle: () => {} },
      handlers: { find: () => undefined },
      services: SERVICES,
      ...peerLimits(new ManualClock()),
      sessionsPerPeer: SESSIONS,
      clock: new ManualClock(),
      log: new SilentLogger(),
    });
    await other.stop();
  });
});

import 'reflect-metadata';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import type { INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { CLOCK, SystemClock } from '../../common/clock.js';
import { LOGGER, type Logger } from '../../common/logger.port.js';
import { METRICS, type MetricsRegistry, NoMetrics } from '../../common/metrics.port.js';
import { RANDOM, SystemRandom } from '../../common/random.js';
import {
  createLogger,
  METRICS_SERVER,
  type MetricsServer,
  READINESS,
  type Readiness,
  type TelemetryConfig,
  TelemetryModule,
  telemetryConfigSchema,
} from './index.js';

const open: INestApplicationContext[] = [];

afterEach(async () => {
  for (const app of open.splice(0)) await app.close();
});

async function start(config: Partial<TelemetryConfig>): Promise<INestApplicationContext> {
  const settings = telemetryConfigSchema.parse({ logLevel: 'off', ...config });
  const app = await NestFactory.createApplicationContext(TelemetryModule.forRoot(settings), {
    logger: false,
    abortOnError: false,
  });
  open.push(app);
  return app;
}

const local = { prometheusHost: '127.0.0.1', prometheusPort: 0 };
const urlOf = (app: INestApplicationContext, path: string) =>
  `http://127.0.0.1:${app.get<MetricsServer>(METRICS_SERVER).port}${path}`;

describe('TelemetryModule', () => {
  it('gives log, metrics, clock and random, and serves nothing unless asked', async () => {
    const app = await start({});
    expect(app.get(CLOCK)).toBeInstanceOf(SystemClock);
    expect(app.get(RANDOM)).toBeInstanceOf(SystemRandom);
    expect(app.get(METRICS)).toBeInstanceOf(NoMetrics);
    expect(app.get(METRICS_SERVER)).toBeUndefined();
    app.get<Logger>(LOGGER).info('nobody reads this');
  });

  it('serves metrics on every path that is not taken', async () => {
    const app = await start(local);
    app.get<MetricsRegistry>(METRICS).counter({ name: 'c_total', help: 'c' }).inc(5);
    for (const path of ['/metrics', '/', '/any?x=1']) {
      const response = await fetch(urlOf(app, path));
      expect(response.status).toBe(200);
      expect(response.headers.get('content-type')).toContain('text/plain');
      expect(await response.text()).toContain('c_total 5');
    }
  });

  it('tells health and readiness apart', async () => {
    const app = await start(local);
    const readiness = app.get<Readiness>(READINESS);
    expect((await fetch(urlOf(app, '/readyz'))).status).toBe(200);
    readiness.add('sync', () => 'no peers');
    readiness.add('store', () => undefined);
    const response = await fetch(urlOf(app, '/readyz'));
    expect(response.status).toBe(503);
    expect(await response.text()).toBe('sync: no peers\n');
    expect((await fetch(urlOf(app, '/healthz'))).status).toBe(200);
    readiness.add('sync', () => undefined);
    expect((await fetch(urlOf(app, '/readyz'))).status).toBe(200);
  });

  it('answers a check that throws with 500 and goes on', async () => {
    const app = await start(local);
    app.get<Readiness>(READINESS).add('bug', () => {
      throw new Error('boom');
    });
    expect((await fetch(urlOf(app, '/readyz'))).status).toBe(500);
    expect((await fetch(urlOf(app, '/healthz'))).status).toBe(200);
  });

  it('answers GET and HEAD only', async () => {
    const app = await start(local);
    expect((await fetch(urlOf(app, '/healthz'), { method: 'POST', body: 'x' })).status).toBe(405);
    const head = await fetch(urlOf(app, '/healthz'), { method: 'HEAD' });
    expect({ status: head.status, body: await head.text() }).toEqual({ status: 200, body: '' });
  });

  it('answers while more connections are open than it keeps, also to one that asked before', async () => {
    const app = await start(local);
    const { port } = app.get<MetricsServer>(METRICS_SERVER);
    const sockets: Socket[] = [];
    const halfOpen = async (count: number) => {
      for (let i = 0; i < count; i++) {
        const socket = connect(port, '127.0.0.1').on('error', () => undefined);
        sockets.push(socket);
        await once(socket, 'connect');
        socket.write('GET /healthz HTTP/1.1\r\n');
      }
    };
    try {
      await halfOpen(40);
      const regular = connect(port, '127.0.0.1');
      sockets.push(regular);
      await halfOpen(40);
      regular.write('GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n');
      expect(String((await once(regular, 'data'))[0])).toContain('200 OK');
      await halfOpen(40);
      expect((await fetch(urlOf(app, '/metrics'))).status).toBe(200);
      regular.write('GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n');
      expect(String((await once(regular, 'data'))[0])).toContain('200 OK');
    } finally {
      for (const socket of sockets) socket.destroy();
    }
  });

  it('names the flag when the port is taken', async () => {
    const app = await start(local);
    const { port } = app.get<MetricsServer>(METRICS_SERVER);
    await expect(start({ ...local, prometheusPort: port })).rejects.toMatchObject({
      code: 'TELEMETRY.PORT_TAKEN',
      message: expect.stringMatching(new RegExp(`--prometheus.*${port}`)),
    });
  });

  it('names the flag when the address is not ours', async () => {
    await expect(start({ ...local, prometheusHost: '192.0.2.1' })).rejects.toMatchObject({
      code: 'TELEMETRY.LISTEN_FAILED',
    });
  });

  it('stops with open connections, and may be started and stopped twice', async () => {
    const app = await start(local);
    const server = app.get<MetricsServer>(METRICS_SERVER);
    await fetch(urlOf(app, '/healthz'), { headers: { connection: 'keep-alive' } });
    await server.start();
    await server.stop();
    await server.stop();
    expect(server.port).toBe(0);
  });
});

describe('createLogger', () => {
  it.each(['text', 'json'] as const)('makes a %s logger', (logFormat) => {
    const log = createLogger(telemetryConfigSchema.parse({ logFormat, logLevel: 'off' }), new SystemClock());
    expect(() => log.error('nobody reads this')).not.toThrow();
  });
});

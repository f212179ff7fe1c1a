import { afterEach, describe, expect, it } from '@jest/globals';
import { type INestApplicationContext, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FakeChain } from '../../../test/support/fake-chain.js';
import { idle } from '../../../test/support/jsonrpc-under-test.js';
import { ecdsaText } from '../../../test/support/recorded-chain.js';
import { RecordingLogger } from '../../../test/support/recording-logger.js';
import { CLOCK, SystemClock } from '../../common/clock.js';
import { LOGGER } from '../../common/logger.port.js';
import { METRICS, NoMetrics } from '../../common/metrics.port.js';
import { RANDOM, SystemRandom } from '../../common/random.js';
import { CHAIN, parseGenesis } from '../blockchain/index.js';
import { PEERS } from '../network/index.js';
import { SYNC } from '../sync/index.js';
import { type JsonRpcConfig, jsonRpcConfigSchema } from './jsonrpc.config.js';
import { JsonRpcModule } from './jsonrpc.module.js';
import { JSONRPC_SERVER, type JsonRpcServer } from './jsonrpc.server.js';

@Module({})
class PortsModule {}

describe(JsonRpcModule.name, () => {
  const apps: INestApplicationContext[] = [];
  afterEach(async () => {
    for (const app of apps.splice(0)) await app.close();
  });

  async function start(config: Partial<JsonRpcConfig>) {
    const log = new RecordingLogger();
    const ports = [
      { provide: CHAIN, useValue: new FakeChain(0) },
      { provide: PEERS, useValue: { list: () => [] } },
      { provide: SYNC, useValue: { progress: () => idle } },
      { provide: CLOCK, useClass: SystemClock },
      { provide: RANDOM, useClass: SystemRandom },
      { provide: LOGGER, useValue: log },
      { provide: METRICS, useClass: NoMetrics },
    ];
    const tokens = ports.map(({ provide }) => provide);
    const imports = [{ module: PortsModule, global: true, providers: ports, exports: tokens }];
    const module = JsonRpcModule.forRoot({
      config: jsonRpcConfigSchema.parse(config),
      chain: parseGenesis(ecdsaText),
      imports,
    });
    const app = await NestFactory.createApplicationContext(module, { logger: false, abortOnError: false });
    apps.push(app);
    return { log, app, server: app.get<JsonRpcServer | undefined>(JSONRPC_SERVER) };
  }

  it('serves nothing unless it is asked to', async () => {
    const { server, log } = await start({});
    expect(server).toBeUndefined();
    expect(log.lines).toEqual([]);
  });

  it('serves, also without a pool, and can be stopped twice', async () => {
    const { server, log } = await start({ port: 0 });
    const response = await fetch(`http://127.0.0.1:${server?.port}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"id":1,"method":"net_version"}',
    });
    expect(await response.json()).toMatchObject({ result: '4101' });
    expect(log.messages('warn')).toEqual([]);
    await server?.start();
    await server?.stop();
    await server?.stop();
    expect(server?.port).toBe(0);
  });

  it('warns once when others than this machine can reach it', async () => {
    const { log } = await start({ host: '0.0.0.0', port: 0 });
    expect(log.messages('warn')).toEqual([expect.stringContaining('open to other machines')]);
  });

  it('says that its port is taken', async () => {
    const { server } = await start({ port: 0 });
    await expect(start({ port: server?.port ?? 0 })).rejects.toMatchObject({ code: 'JSONRPC.PORT_TAKEN' });
    await expect(start({ host: '203.0.113.1', port: 0 })).rejects.toMatchObject({
      code: 'JSONRPC.LISTEN_FAILED',
    });
  });
});

import 'reflect-metadata';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  ConsoleLogger,
  type DynamicModule,
  type INestApplicationContext,
  Module,
  type Provider,
} from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Transport } from '@nestjs/microservices';
import { Test } from '@nestjs/testing';
import { firstValueFrom, skip, take, toArray } from 'rxjs';
import { createOperatorClient, System } from '../../src/client/index.js';
import {
  CHAIN,
  type Chain,
  Edgekeeper,
  EdgekeeperModule,
  type EdgekeeperOptions,
  type EdgekeeperSettings,
  getEdgekeeperToken,
  PEERS,
  SYNC,
  TXPOOL,
  type TxPool,
  VOTING,
} from '../../src/index.js';
import { aDevChain } from '../support/dev-chain.js';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP', 'uncaughtException', 'unhandledRejection'] as const;
const listeners = () => SIGNALS.map((event) => process.listenerCount(event));

let folder: string;
const open: INestApplicationContext[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'edgekeeper-embedded-'));
});
afterEach(async () => {
  for (const app of open.splice(0)) await app.close();
  await rm(folder, { recursive: true });
});

function options(chainId: number, settings: EdgekeeperSettings = {}): EdgekeeperOptions {
  return {
    ...aDevChain({ chainId, key: chainId }),
    dataDir: join(folder, String(chainId)),
    settings: {
      ...settings,
      network: { listenPort: 0, discovery: false, ...settings.network },
      system: { grpcPort: 0, ...settings.system },
      telemetry: { logLevel: 'off' },
    },
  };
}

class Host {
  static of(...imports: DynamicModule[]): DynamicModule {
    return { module: Host, imports };
  }

  /** One that fails when all that it imports has started. */
  static failing(node: DynamicModule): DynamicModule {
    const onApplicationBootstrap = () => Promise.reject(new Error('of the host'));
    const provider: Provider = { provide: 'FAILING', useValue: { onApplicationBootstrap } };
    return { module: Host, imports: [node], providers: [provider] };
  }
}
Module({})(Host);

const quiet = { logger: false, abortOnError: false } as const;

async function contextOf(...imports: DynamicModule[]): Promise<INestApplicationContext> {
  const app = await NestFactory.createApplicationContext(Host.of(...imports), quiet);
  open.push(app);
  return app;
}

const chainOf = (app: INestApplicationContext, name?: string) =>
  app.get<Chain>(getEdgekeeperToken(CHAIN, name));

describe('EdgekeeperModule', () => {
  it('runs two networks in one process, apart from each other, until the host closes', async () => {
    const before = listeners();
    const app = await contextOf(
      EdgekeeperModule.forRoot({ name: 'one', ...options(101) }),
      EdgekeeperModule.forRootAsync({ name: 'two', useFactory: async () => options(102) }),
    );
    for (const [name, chainId] of [
      ['one', 101],
      ['two', 102],
    ] as const) {
      const node = app.get<Edgekeeper>(getEdgekeeperToken(Edgekeeper, name));
      expect(node.chain).toBe(chainOf(app, name));
      expect(node.chain.info().chainId).toBe(chainId);
      for (const port of [CHAIN, PEERS, SYNC, TXPOOL, VOTING])
        expect(app.get(getEdgekeeperToken(port, name))).toBe(node.get(port));
      const heads = await firstValueFrom(node.chain.head$.pipe(skip(1), take(2), toArray()));
      expect(heads.every(({ number }) => number > 0)).toBe(true);
      const client = createOperatorClient({ address: `127.0.0.1:${node.operatorPort}` });
      const status = await client.service(System).getStatus({});
      client.close();
      expect(status.network).toBe(BigInt(chainId));
    }
    expect(chainOf(app, 'one').info().genesisHash).not.toEqual(chainOf(app, 'two').info().genesisHash);
    expect(listeners()).toEqual(before);
    const ports = ['one', 'two'].map(
      (name) => app.get<Edgekeeper>(getEdgekeeperToken(Edgekeeper, name)).operatorPort,
    );
    await app.close();
    for (const port of ports) {
      const client = createOperatorClient({ address: `127.0.0.1:${port}` });
      await expect(client.service(System).getStatus({})).rejects.toThrow('ECONNREFUSED');
      client.close();
    }
  });

  it('gives its ports under their own names to a host with one node, and options what is injected', async () => {
    const CHAIN_ID = Symbol('CHAIN_ID');
    const settings = {
      module: class Settings {},
      providers: [{ provide: CHAIN_ID, useValue: 103 }],
      exports: [CHAIN_ID],
    };
    const node = EdgekeeperModule.forRootAsync({
      imports: [settings],
      inject: [CHAIN_ID],
      useFactory: (chainId: number) => options(chainId),
    });
    const app = await contextOf(node);
    expect(chainOf(app).info().chainId).toBe(103);
    expect(app.get(Edgekeeper).peers.list()).toEqual([]);
    expect(app.get<TxPool>(TXPOOL).size()).toBe(0);
  });

  it('needs no name where each application has one node', async () => {
    const apps = [
      await contextOf(EdgekeeperModule.forRoot(options(110))),
      await contextOf(EdgekeeperModule.forRoot(options(111))),
    ];
    expect(apps.map((app) => chainOf(app).info().chainId)).toEqual([110, 111]);
  });

  it('is part of a microservice', async () => {
    const module = Host.of(EdgekeeperModule.forRoot(options(104)));
    const transport = { transport: Transport.TCP, options: { host: '127.0.0.1', port: 0 } } as const;
    const app = await NestFactory.createMicroservice(module, { ...quiet, ...transport });
    open.push(app);
    expect(app.get(Edgekeeper).operatorPort).toBe(0);
    await app.listen();
    expect(app.get(Edgekeeper).operatorPort).toBeGreaterThan(0);
  });

  it('leaves the logger of the host and what the host does on errors as they are', async () => {
    const lines: unknown[] = [];
    const logger = new ConsoleLogger();
    logger.log = (message: unknown) => void lines.push(message);
    const module = Host.of(EdgekeeperModule.forRoot(options(105)));
    const testing = await Test.createTestingModule({ imports: [module] }).compile();
    testing.useLogger(logger);
    open.push(testing);
    const { abortOnError } = NestFactory as unknown as { abortOnError: boolean };
    await testing.init();
    expect((NestFactory as unknown as { abortOnError: boolean }).abortOnError).toBe(abortOnError);
    logger.log('still heard');
    expect(lines).toContain('still heard');
  });

  describe('when something else of the host fails after it was made', () => {
    const HOSTS = {
      microservice: (module: DynamicModule) =>
        NestFactory.createMicroservice(module, {
          ...quiet,
          transport: Transport.TCP,
          options: { host: '127.0.0.1', port: 0 },
        }).then((app) => ({ app, start: () => app.listen() })),
      'testing module': (module: DynamicModule) =>
        Test.createTestingModule({ imports: [module] })
          .compile()
          .then((app) => ({ app, start: () => app.init() })),
    };

    it.each(Object.entries(HOSTS))('goes on until a %s is closed', async (_, make) => {
      const { app, start } = await make(Host.failing(EdgekeeperModule.forRoot(options(112))));
      open.push(app);
      await expect(start()).rejects.toThrow('of the host');
      const client = createOperatorClient({ address: `127.0.0.1:${app.get(Edgekeeper).operatorPort}` });
      expect((await client.service(System).getStatus({})).network).toBe(112n);
      await app.close();
      await expect(client.service(System).getStatus({})).rejects.toThrow('ECONNREFUSED');
      client.close();
      // Its data folder is free.
      expect(chainOf(await contextOf(EdgekeeperModule.forRoot(options(112)))).info().chainId).toBe(112);
    });
  });

  describe('what fails rejects the start of the host', () => {
    let taken: Server;
    beforeEach(async () => {
      taken = createServer();
      await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
    });
    afterEach(() => new Promise((resolve) => taken.close(resolve)));

    it('when its store comes from a package that is not there', async () => {
      const failing = EdgekeeperModule.forRoot(options(108, { blockchain: { store: '@org/no-store' } }));
      await expect(contextOf(failing)).rejects.toMatchObject({ code: 'BLOCKCHAIN.STORE_UNUSABLE' });
    });

    it('when a port is taken, and closes what had started', async () => {
      const { port } = taken.address() as { port: number };
      const failing = EdgekeeperModule.forRoot(options(106, { system: { grpcPort: port } }));
      await expect(contextOf(failing)).rejects.toMatchObject({ code: 'SYSTEM.LISTEN_FAILED' });
      // The store of the failed one is open to another.
      const app = await contextOf(EdgekeeperModule.forRoot(options(106)));
      expect(chainOf(app).head()?.number).toBeGreaterThanOrEqual(0);
    });

    it('when two nodes have one name, and none is made', async () => {
      const nodes = [113, 114].map((chainId) => EdgekeeperModule.forRoot(options(chainId)));
      await expect(contextOf(...nodes)).rejects.toMatchObject({ code: 'CONFIG.INVALID' });
      expect(await readdir(folder)).toEqual([]);
    });

    it('when one part cannot be made, and closes those that were', async () => {
      const settings = { blockchain: { checkpoint: join(folder, 'no-checkpoint') } };
      const failing = EdgekeeperModule.forRoot(options(109, settings));
      await expect(contextOf(failing)).rejects.toMatchObject({ code: 'BLOCKCHAIN.CHECKPOINT_INVALID' });
      const app = await contextOf(EdgekeeperModule.forRoot(options(109)));
      expect(chainOf(app).head()?.number).toBeGreaterThanOrEqual(0);
    });

    it.each([
      { name: 'a setting is wrong', given: { settings: { network: { maxPeers: 1 } as object } } },
      { name: 'the data folder is not given', given: { dataDir: '' } },
      { name: 'there is no genesis file', given: { chain: '/nowhere/genesis.json' } },
    ])('when $name', async ({ given }) => {
      const failing = EdgekeeperModule.forRoot({ ...options(107), ...given });
      await expect(contextOf(failing)).rejects.toMatchObject({ code: 'CONFIG.INVALID' });
    });
  });
});

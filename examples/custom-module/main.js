// A node with a store of ours and a service that follows its chain: node main.js DATA_FOLDER [BLOCKS]
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Edgekeeper, EdgekeeperModule, ibftGenesisFile, sealKey } from 'edgekeeper';
import { filter, firstValueFrom } from 'rxjs';
import { BlockFeed } from './block-feed.js';

const [, , dataDir = join(import.meta.dirname, 'data'), blocks = 'Infinity'] = process.argv;
const key = new Uint8Array(randomBytes(32));

const node = EdgekeeperModule.forRoot({
  dataDir,
  chain: ibftGenesisFile({
    name: 'custom',
    chainId: 1003,
    validators: [sealKey(key)],
    bootnodes: [],
    blockTimeMs: 1_000,
    epochSize: 100_000,
    gasLimit: 5_242_880n,
    premine: [],
  }),
  keys: { network: new Uint8Array(randomBytes(32)), validators: [{ key }] },
  settings: {
    blockchain: { store: '@example/audited-store' },
    network: { listenPort: 0, discovery: false },
    system: { grpcPort: 0 },
    telemetry: { logLevel: 'warn' },
  },
});

class App {}
Module({ imports: [node], providers: [BlockFeed] })(App);

const app = await NestFactory.createApplicationContext(App, { logger: ['warn'], abortOnError: false });
app.enableShutdownHooks();
await firstValueFrom(app.get(Edgekeeper).chain.head$.pipe(filter(({ number }) => number >= Number(blocks))));
await app.close();

// An application with two nodes, each on a chain of its own: node main.mjs [BLOCKS]
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { CHAIN, EdgekeeperModule, getEdgekeeperToken } from 'edgekeeper';
import { firstValueFrom, take, tap, toArray } from 'rxjs';
import { devChain } from './dev-chain.cjs';

class App {}
Module({
  imports: [
    EdgekeeperModule.forRoot({ name: 'blue', ...devChain(1001) }),
    EdgekeeperModule.forRootAsync({ name: 'green', useFactory: async () => devChain(1002) }),
  ],
})(App);

// The application decides on signals and on what a failed start means, not the nodes in it.
const app = await NestFactory.createApplicationContext(App, { logger: ['warn'], abortOnError: false });
app.enableShutdownHooks();

const blocks = Number(process.argv[2] ?? Number.POSITIVE_INFINITY);
const heads = ['blue', 'green'].map((name) => {
  const chain = app.get(getEdgekeeperToken(CHAIN, name));
  const print = ({ number, hash }) =>
    process.stdout.write(
      `${name} ${chain.info().chainId}: ${number} 0x${Buffer.from(hash).toString('hex')}\n`,
    );
  return firstValueFrom(chain.head$.pipe(tap(print), take(blocks), toArray()));
});
await Promise.all(heads);
await app.close();

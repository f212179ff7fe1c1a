// As main.mjs, from CommonJS: node main.cjs [BLOCKS]
const { Module } = require('@nestjs/common');
const { NestFactory } = require('@nestjs/core');
const { CHAIN, EdgekeeperModule, getEdgekeeperToken } = require('edgekeeper');
const { firstValueFrom, take, tap, toArray } = require('rxjs');
const { devChain } = require('./dev-chain.cjs');

class App {}
Module({
  imports: [
    EdgekeeperModule.forRoot({ name: 'blue', ...devChain(1001) }),
    EdgekeeperModule.forRootAsync({ name: 'green', useFactory: async () => devChain(1002) }),
  ],
})(App);

async function main() {
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
}

main().catch((error) => {
  process.stderr.write(`${error.code ?? ''} ${error.message}\n`);
  // When one node fails the other goes on, and there is no application to close.
  process.exit(1);
});

import { Inject, Injectable } from '@nestjs/common';
import { CHAIN } from 'edgekeeper';

/** Tells of every block that joins the chain or leaves it. In TypeScript: `constructor(@Inject(CHAIN) private chain: Chain)`. */
export class BlockFeed {
  #chain;
  #subscription;

  constructor(chain) {
    this.#chain = chain;
  }

  onModuleInit() {
    this.#subscription = this.#chain.events$.subscribe(({ added, removed, source }) => {
      for (const { number } of removed) process.stdout.write(`- ${number}\n`);
      for (const { number } of added) process.stdout.write(`+ ${number} by ${source}\n`);
    });
  }

  beforeApplicationShutdown() {
    this.#subscription?.unsubscribe();
  }
}
Injectable()(BlockFeed);
Inject(CHAIN)(BlockFeed, undefined, 0);

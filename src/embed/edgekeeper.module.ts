import 'reflect-metadata';
import {
  type DynamicModule,
  Inject,
  Module,
  type ModuleMetadata,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
  type Provider,
} from '@nestjs/common';
import { ModulesContainer } from '@nestjs/core';
import { CHAIN, VOTING } from '../modules/blockchain/index.js';
import { PEERS } from '../modules/network/index.js';
import { SYNC } from '../modules/sync/index.js';
import { TXPOOL } from '../modules/txpool/index.js';
import type { EdgekeeperNode } from '../node/create-node.js';
import { Edgekeeper } from './edgekeeper.js';
import {
  type EdgekeeperAsyncOptions,
  type EdgekeeperOptions,
  type Named,
  refusalOf,
} from './edgekeeper.options.js';
import { DEFAULT_NAME, getEdgekeeperToken } from './edgekeeper-token.js';
import { NODE_NAME, refuseSameNames } from './node-names.js';
import { openNode } from './open-node.js';

const OPTIONS = Symbol('EDGEKEEPER_OPTIONS');
const NODE = Symbol('EDGEKEEPER_NODE');

/** Ports that the host may inject. Writing is left to sync and the sealer. */
const PORTS = [CHAIN, PEERS, SYNC, TXPOOL, VOTING];

/**
 * A node within another Nest application of any kind. The node is a Nest application of its own, so that neither sees
 * the other's providers, filters or global modules, and that there may be several; only its ports come out.
 *
 * The chain is open and readable once the host's providers are made. Sockets open in `onApplicationBootstrap` and all is
 * closed in `onApplicationShutdown`. What fails rejects the host's start with the error of the part that failed.
 */
@Module({})
export class EdgekeeperModule implements OnApplicationBootstrap, OnApplicationShutdown {
  constructor(@Inject(NODE) private readonly node: EdgekeeperNode) {}

  static forRoot(options: EdgekeeperOptions & Named): DynamicModule {
    // JavaScript may give none, which is refused when the host starts, as all that is wrong with them.
    const { name, ...own } = { ...options };
    return moduleOf(name, [], { provide: OPTIONS, useValue: own });
  }

  static forRootAsync(options: EdgekeeperAsyncOptions): DynamicModule {
    const { name, imports, inject = [], useFactory } = { ...options };
    const refusal = refusalOf(options);
    const given = refusal
      ? { provide: OPTIONS, useFactory: () => Promise.reject(refusal) }
      : { provide: OPTIONS, inject, useFactory };
    return moduleOf(name, imports, given);
  }

  /** @throws {AppError} of the part that could not start; what had started is closed then */
  async onApplicationBootstrap(): Promise<void> {
    try {
      await this.node.start();
    } catch (error) {
      // Why it did not start is what counts.
      await this.node.stop().catch(() => undefined);
      throw error;
    }
  }

  onApplicationShutdown(): Promise<void> {
    return this.node.stop();
  }
}

function moduleOf(
  name: string | undefined,
  imports: ModuleMetadata['imports'],
  options: Provider,
): DynamicModule {
  const handle = getEdgekeeperToken(Edgekeeper, name);
  const ports = PORTS.map((port) => ({
    provide: getEdgekeeperToken(port, name),
    inject: [handle],
    useFactory: (node: Edgekeeper) => node.get(port),
  }));
  return {
    module: EdgekeeperModule,
    imports: imports ?? [],
    providers: [
      options,
      { provide: NODE_NAME, useValue: name ?? DEFAULT_NAME },
      {
        provide: NODE,
        inject: [ModulesContainer, OPTIONS],
        useFactory: (modules: ModulesContainer, given: EdgekeeperOptions) => {
          refuseSameNames(modules);
          return openNode(given);
        },
      },
      { provide: handle, inject: [NODE], useFactory: (node: EdgekeeperNode) => new Edgekeeper(node) },
      ...ports,
    ],
    exports: [handle, ...ports.map(({ provide }) => provide)],
  };
}

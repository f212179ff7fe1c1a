import 'reflect-metadata';
import {
  type DynamicModule,
  type FactoryProvider,
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
import type { EdgekeeperOptions } from './edgekeeper.options.js';
import { DEFAULT_NAME, getEdgekeeperToken } from './edgekeeper-token.js';
import { NODE_NAME, refuseSameNames } from './node-names.js';
import { openNode } from './open-node.js';

const OPTIONS = Symbol('EDGEKEEPER_OPTIONS');
const NODE = Symbol('EDGEKEEPER_NODE');

/** Ports that the host may inject. Writing is left to sync and the sealer. */
const PORTS = [CHAIN, PEERS, SYNC, TXPOOL, VOTING];

/** Tells the nodes of one application apart. */
export interface Named {
  /** Part of the node's tokens, see {@link getEdgekeeperToken}; needed as soon as there are two. */
  readonly name?: string;
}

/** As {@link EdgekeeperOptions}, from what the host has to give. */
export interface EdgekeeperAsyncOptions extends Named, Pick<ModuleMetadata, 'imports'> {
  readonly inject?: FactoryProvider['inject'];
  // biome-ignore lint/suspicious/noExplicitAny: what is injected is the host's affair, as in Nest's own modules.
  readonly useFactory: (...injected: any[]) => EdgekeeperOptions | Promise<EdgekeeperOptions>;
}

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

  static forRoot({ name, ...options }: EdgekeeperOptions & Named): DynamicModule {
    return moduleOf(name, [], { provide: OPTIONS, useValue: options });
  }

  static forRootAsync({ name, imports, inject, useFactory }: EdgekeeperAsyncOptions): DynamicModule {
    return moduleOf(name, imports, { provide: OPTIONS, inject: inject ?? [], useFactory });
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

import {
  type BeforeApplicationShutdown,
  Inject,
  Injectable,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { bytesEqual } from '../../../common/bytes.js';
import { LOGGER, type Logger } from '../../../common/logger.port.js';
import { onEvent } from '../../../common/on-event.js';
import { CHAIN, type Chain } from '../../blockchain/index.js';
import { TXPOOL_SETUP, type TxPoolSetup } from '../txpool.config.js';
import { type NextBlockRules, nextBlockRules } from './next-block-rules.js';

/** The rules by which transactions are judged, as the head moves. */
@Injectable()
export class HeadRulesService implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly controller = new AbortController();
  private readonly log: Logger;
  private known: { readonly hash: Uint8Array; readonly rules: NextBlockRules } | undefined;

  constructor(
    @Inject(CHAIN) private readonly chain: Chain,
    @Inject(TXPOOL_SETUP) private readonly setup: TxPoolSetup,
    @Inject(LOGGER) logger: Logger,
  ) {
    this.log = logger.child('txpool');
  }

  onApplicationBootstrap(): void {
    const { signal } = this.controller;
    onEvent(this.chain.head$, () => this.current().then(() => undefined), { signal, log: this.log });
  }

  beforeApplicationShutdown(): void {
    this.controller.abort();
  }

  /** Those of the head that was read last, for whoever cannot wait; undefined before the first. */
  get latest(): NextBlockRules | undefined {
    return this.known?.rules;
  }

  /** Those of the head; undefined while there is none. */
  async current(): Promise<NextBlockRules | undefined> {
    const head = this.chain.head();
    if (head === undefined) return undefined;
    if (this.known === undefined || !bytesEqual(this.known.hash, head.hash)) {
      const header = await this.chain.header(head.number);
      if (header !== undefined) this.known = { hash: head.hash, rules: nextBlockRules(header, this.setup) };
    }
    return this.known?.rules;
  }
}

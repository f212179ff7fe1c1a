import { Inject, Injectable } from '@nestjs/common';
import type { Observable } from 'rxjs';
import { type CheckedTransaction, checkTransaction } from './check/check-transaction.js';
import { HeadRulesService } from './check/head-rules.service.js';
import type { NextBlockRules } from './check/next-block-rules.js';
import { HandoverService } from './handover/handover.service.js';
import { PendingPool } from './pool/pending-pool.js';
import type { PooledTransaction, TxPool } from './ports/txpool.port.js';
import { TXPOOL_CONFIG, type TxPoolConfig } from './txpool.config.js';
import { TxPoolError } from './txpool.errors.js';
import type { TxPoolEvent } from './txpool.events.js';
import { TXPOOL_METRICS, type TxPoolMetrics } from './txpool.metrics.js';

/**
 * Takes the transactions of operators and JSON-RPC.
 * @see polygon-edge@597a0f3 txpool/txpool.go AddTx
 */
@Injectable()
export class TxPoolService implements TxPool {
  readonly events$: Observable<TxPoolEvent>;

  constructor(
    private readonly pool: PendingPool,
    private readonly rules: HeadRulesService,
    private readonly handover: HandoverService,
    @Inject(TXPOOL_CONFIG) private readonly config: TxPoolConfig,
    @Inject(TXPOOL_METRICS) private readonly metrics: TxPoolMetrics,
  ) {
    this.events$ = pool.events$;
  }

  get(hash: string): PooledTransaction | undefined {
    return this.pool.get(hash);
  }

  size(): number {
    return this.pool.size;
  }

  async add(raw: Uint8Array, source: 'operator' | 'rpc', sender?: string): Promise<PooledTransaction> {
    const rules = await this.rules.current();
    const transaction = this.take(raw, source, sender, rules);
    await this.handover.handOver(transaction);
    return transaction;
  }

  private take(
    raw: Uint8Array,
    source: 'operator' | 'rpc',
    sender: string | undefined,
    rules: NextBlockRules | undefined,
  ): PooledTransaction {
    try {
      if (rules === undefined) throw new TxPoolError({ code: 'TXPOOL.NO_HEAD' });
      const transaction = checkTransaction(raw, rules, BigInt(this.config.priceLimit));
      requireSender(transaction, sender);
      return this.pool.admit(transaction, { source }, rules.baseFee);
    } catch (error) {
      if (error instanceof TxPoolError) this.metrics.refused(source, error.code);
      throw error;
    }
  }
}

function requireSender({ sender }: CheckedTransaction, expected: string | undefined): void {
  if (expected !== undefined && expected.toLowerCase() !== sender)
    throw new TxPoolError({ code: 'TXPOOL.WRONG_SENDER', sender });
}

import {
  type BeforeApplicationShutdown,
  Inject,
  Injectable,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { toHex } from '../../../common/bytes.js';
import { CLOCK, type Clock } from '../../../common/clock.js';
import { FairAllowances } from '../../../common/fair-allowances.js';
import { keccak256 } from '../../blockchain/index.js';
import {
  type PeerId,
  TOPICS,
  type TopicMessage,
  type Topics,
  type TopicVerdict,
} from '../../network/index.js';
import { checkTransaction, MAX_TRANSACTION_BYTES } from '../check/check-transaction.js';
import { HeadRulesService } from '../check/head-rules.service.js';
import { PendingPool } from '../pool/pending-pool.js';
import { RecentMap } from '../pool/recent-map.js';
import { TXPOOL_CONFIG, type TxPoolConfig } from '../txpool.config.js';
import { isInvalid, lacksRoom, TxPoolError } from '../txpool.errors.js';
import { type GossipOutcome, TXPOOL_METRICS, type TxPoolMetrics } from '../txpool.metrics.js';
import { decodeTxn } from './txn.codec.js';

/** Transactions whose outcome is remembered: at the default rate more than half a minute of a flood. */
const MAX_SEEN = 16_384;
/** As long as gossipsub knows a message again, ms; by then another head, base fee or room may change the outcome. */
const SEEN_MS = 120_000;

interface Seen {
  readonly outcome: 'known' | 'invalid';
  readonly untilMs: number;
}

/**
 * Takes the transactions that peers gossip, and relays the good ones: also those that there is no room for here, since
 * whoever fills this pool must not silence the others on the way to those who mine.
 * @see polygon-edge@597a0f3 txpool/txpool.go addGossipTx
 * @remarks Differs: Go nodes relay whatever is signed by a peer, and only validators look into it.
 */
@Injectable()
export class GossipIntakeService implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly seen = new RecentMap<Seen>(MAX_SEEN);
  private readonly checks: FairAllowances;
  private isClosed = false;

  constructor(
    private readonly pool: PendingPool,
    private readonly rules: HeadRulesService,
    @Inject(TOPICS) private readonly topics: Topics,
    @Inject(TXPOOL_CONFIG) private readonly config: TxPoolConfig,
    @Inject(TXPOOL_METRICS) private readonly metrics: TxPoolMetrics,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {
    const { gossipChecksPerSecond: rate } = config;
    const allowance = { perSecond: rate, burst: rate, totalPerSecond: rate, totalBurst: rate };
    this.checks = new FairAllowances(clock, allowance);
  }

  onApplicationBootstrap(): void {
    // The verdict needs all that there is to do, so nothing is left for when the message is delivered.
    if (!this.isClosed) this.topics.subscribe(this.config.topic, (message) => this.judge(message));
  }

  beforeApplicationShutdown(): void {
    this.isClosed = true;
  }

  /** The neighbour that brings what could never be mined is blamed only if it is the author. */
  private judge({ data, from, receivedFrom }: TopicMessage): TopicVerdict {
    if (this.isClosed) return 'ignore';
    const outcome = this.take(data, receivedFrom);
    this.metrics.gossiped(outcome);
    if (outcome === 'accepted' || outcome === 'no-room') return 'accept';
    return outcome === 'invalid' && from === receivedFrom ? 'reject' : 'ignore';
  }

  private take(data: Uint8Array, receivedFrom: PeerId): GossipOutcome {
    const raw = transactionIn(data);
    if (raw === undefined) return 'invalid';
    const id = toHex(keccak256(raw));
    const nowMs = this.clock.monotonicMs();
    const seen = this.seen.get(id);
    if (seen !== undefined && nowMs < seen.untilMs) return seen.outcome;
    if (this.pool.knows(id)) return 'known';
    const outcome = this.check(raw, receivedFrom);
    if (outcome !== 'unchecked')
      this.seen.set(id, { outcome: outcome === 'invalid' ? outcome : 'known', untilMs: nowMs + SEEN_MS });
    return outcome;
  }

  private check(raw: Uint8Array, receivedFrom: PeerId): GossipOutcome {
    const rules = this.rules.latest;
    if (rules === undefined || this.checks.take(receivedFrom) !== undefined) return 'unchecked';
    try {
      const transaction = checkTransaction(raw, rules, BigInt(this.config.priceLimit));
      this.pool.admit(transaction, { source: 'gossip', receivedFrom }, rules.baseFee);
      return 'accepted';
    } catch (error) {
      if (!(error instanceof TxPoolError)) throw error;
      this.metrics.refused('gossip', error.code);
      if (lacksRoom(error.detail)) return 'no-room';
      return isInvalid(error.detail) ? 'invalid' : 'refused';
    }
  }
}

/** Undefined where the message has none, or one that is too large to look at. */
function transactionIn(data: Uint8Array): Uint8Array | undefined {
  try {
    const raw = decodeTxn(data);
    return raw.length === 0 || raw.length > MAX_TRANSACTION_BYTES ? undefined : raw;
  } catch {
    return undefined;
  }
}

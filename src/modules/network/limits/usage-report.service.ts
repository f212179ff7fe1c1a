import { Inject, Injectable } from '@nestjs/common';
import { CLOCK, type Clock } from '../../../common/clock.js';
import type { Logger } from '../../../common/logger.port.js';
import { NETWORK_LOG } from '../network.log.js';
import { NETWORK_METRICS, type NetworkMetrics } from '../network.metrics.js';
import { runEvery } from '../run-every.js';
import { ResourceLedger } from './resource-ledger.js';

const INTERVAL_MS = 5_000;

/** Tells the metrics what peers cost us, now and then: what is counted with every message must not pay for it. */
@Injectable()
export class UsageReport {
  private readonly abort = new AbortController();
  private isRunning = false;

  constructor(
    private readonly ledger: ResourceLedger,
    @Inject(NETWORK_METRICS) private readonly metrics: NetworkMetrics,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(NETWORK_LOG) private readonly log: Logger,
  ) {}

  start(): void {
    if (this.isRunning || this.abort.signal.aborted) return;
    this.isRunning = true;
    const { clock, log } = this;
    void runEvery({ clock, log, intervalMs: INTERVAL_MS, signal: this.abort.signal }, () => {
      this.metrics.resourcesUsed(this.ledger.usage());
    });
  }

  stop(): void {
    this.abort.abort();
  }
}

import type { OnApplicationBootstrap, OnApplicationShutdown } from '@nestjs/common';
import { type DynamicModule, Global, Inject, Module } from '@nestjs/common';
import { CLOCK, type Clock, SystemClock } from '../../common/clock.js';
import { LOGGER, type Logger } from '../../common/logger.port.js';
import { METRICS, type MetricsRegistry, NoMetrics } from '../../common/metrics.port.js';
import { RANDOM, SystemRandom } from '../../common/random.js';
import { DeskLogger } from './adapters/desk-logger.js';
import { LogDesk } from './adapters/log-desk.js';
import { openLogSink } from './adapters/log-sink.js';
import { PinoLogger } from './adapters/pino-logger.js';
import type { PrometheusMetrics } from './adapters/prometheus-metrics.js';
import { TextLogger } from './adapters/text-logger.js';
import { MetricsServer } from './metrics-server.js';
import { LOG_FEED } from './ports/log-feed.port.js';
import { LOG_LEVELS } from './ports/log-levels.port.js';
import { READINESS, type Readiness } from './ports/readiness.port.js';
import { ReadinessService } from './readiness.service.js';
import type { TelemetryConfig } from './telemetry.config.js';

/** The metrics and health server, when `--prometheus` asks for one. */
export const METRICS_SERVER = Symbol('METRICS_SERVER');

/**
 * A logger as the settings want it.
 * @throws {TelemetryError} TELEMETRY.LOG_FILE
 */
export function createLogger({ logFile, logFormat, logLevel }: TelemetryConfig, clock: Clock): Logger {
  const sink = openLogSink(logFile);
  return logFormat === 'json'
    ? PinoLogger.create(sink, clock, logLevel)
    : new TextLogger(sink, clock, logLevel);
}

/** What every module may ask for without importing it: log, metrics, time, chance and readiness. */
@Global()
@Module({})
export class TelemetryModule implements OnApplicationBootstrap, OnApplicationShutdown {
  constructor(
    @Inject(METRICS_SERVER) private readonly server: MetricsServer | undefined,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  static forRoot(config: TelemetryConfig): DynamicModule {
    return {
      module: TelemetryModule,
      providers: [
        { provide: CLOCK, useClass: SystemClock },
        { provide: RANDOM, useClass: SystemRandom },
        { provide: READINESS, useClass: ReadinessService },
        {
          provide: LogDesk,
          useFactory: (clock: Clock) => new LogDesk(clock, config.logLevel),
          inject: [CLOCK],
        },
        { provide: LOG_FEED, useExisting: LogDesk },
        { provide: LOG_LEVELS, useExisting: LogDesk },
        {
          provide: LOGGER,
          // The desk decides what is written.
          useFactory: (desk: LogDesk, clock: Clock) =>
            new DeskLogger(desk, createLogger({ ...config, logLevel: 'debug' }, clock)),
          inject: [LogDesk, CLOCK],
        },
        {
          provide: METRICS,
          useFactory: () => metricsFor(config),
        },
        {
          provide: METRICS_SERVER,
          useFactory: (metrics: MetricsRegistry, readiness: Readiness) =>
            serverFor(config, metrics, readiness),
          inject: [METRICS, READINESS],
        },
      ],
      exports: [CLOCK, RANDOM, READINESS, LOGGER, LOG_FEED, LOG_LEVELS, METRICS, METRICS_SERVER],
    };
  }

  /** @throws {TelemetryError} TELEMETRY.PORT_TAKEN | TELEMETRY.LISTEN_FAILED */
  async onApplicationBootstrap(): Promise<void> {
    if (this.server === undefined) return;
    await this.server.start();
    this.logger.child('telemetry').info('metrics and health are served', { port: this.server.port });
  }

  async onApplicationShutdown(): Promise<void> {
    await this.server?.stop();
  }
}

/** The library is loaded only where it is used: it makes a tenth of the time to start. */
async function metricsFor({ prometheusPort }: TelemetryConfig): Promise<MetricsRegistry> {
  if (prometheusPort === undefined) return new NoMetrics();
  const { PrometheusMetrics } = await import('./adapters/prometheus-metrics.js');
  return new PrometheusMetrics();
}

function serverFor(
  { prometheusHost: host, prometheusPort: port }: TelemetryConfig,
  metrics: MetricsRegistry,
  readiness: Readiness,
): MetricsServer | undefined {
  if (port === undefined) return undefined;
  return new MetricsServer({ host, port, metrics: metrics as PrometheusMetrics, readiness });
}

export { MetricsServer } from './metrics-server.js';
export { LOG_FEED, type LogEntry, type LogEntryLevel, type LogFeed } from './ports/log-feed.port.js';
export { LOG_LEVELS, type LogLevels, type LogThreshold } from './ports/log-levels.port.js';
export { READINESS, type Readiness } from './ports/readiness.port.js';
export { type TelemetryConfig, telemetryConfigSchema } from './telemetry.config.js';
export type { TelemetryErrorDetail } from './telemetry.errors.js';
export { createLogger, METRICS_SERVER, TelemetryModule } from './telemetry.module.js';

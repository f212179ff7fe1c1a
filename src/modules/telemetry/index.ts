export { MetricsServer } from './metrics-server.js';
export { READINESS, type Readiness } from './ports/readiness.port.js';
export { type TelemetryConfig, telemetryConfigSchema } from './telemetry.config.js';
export type { TelemetryErrorDetail } from './telemetry.errors.js';
export { createLogger, METRICS_SERVER, TelemetryModule } from './telemetry.module.js';

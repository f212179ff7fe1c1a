export { GrpcExceptionFilter } from './grpc-exception.filter.js';
export { grpcStatusFor } from './grpc-status.mapper.js';
export type { NodeFacts } from './ports/node-facts.port.js';
export type { OperatorHealth } from './ports/operator-health.port.js';
export type { SystemConfig, TlsConfig } from './system.config.js';
export { SystemError, type SystemErrorDetail } from './system.errors.js';
export { SystemModule } from './system.module.js';

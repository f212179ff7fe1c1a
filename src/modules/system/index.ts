export { GrpcExceptionFilter } from './grpc-exception.filter.js';
export { grpcStatusFor } from './grpc-status.mapper.js';
export { SYSTEM_CONFIG, type SystemConfig, systemConfigSchema } from './system.config.js';
export { SystemError, type SystemErrorDetail } from './system.errors.js';
export { createSystemMetrics } from './system.metrics.js';
export { SystemModule } from './system.module.js';

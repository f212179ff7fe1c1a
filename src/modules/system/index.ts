export { GrpcExceptionFilter } from './grpc-exception.filter.js';
export type { SystemConfig } from './system.config.js';
export { SystemError, type SystemErrorDetail } from './system.errors.js';
export { SystemModule } from './system.module.js';

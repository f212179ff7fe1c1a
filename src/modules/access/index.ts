export type { AccessConfig } from './access.config.js';
export { AccessError, type AccessErrorDetail } from './access.errors.js';
export { AccessModule } from './access.module.js';
export { callerOf, rememberCaller } from './caller.js';
export { type CreateAccessOptions, createAccess } from './create-access.js';
export { checkExposure, type Exposure } from './exposure.js';
export {
  ACCESS,
  type Access,
  type Admission,
  type CalledMethod,
  type CallerFacts,
  type ClientCertificate,
  type Identity,
  type Role,
} from './ports/access.port.js';

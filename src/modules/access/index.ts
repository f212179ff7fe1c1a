export { type AccessConfig, accessConfigSchema } from './access.config.js';
export { AccessError, type AccessErrorDetail } from './access.errors.js';
export { checkExposure, type Exposure } from './exposure.js';
export {
  ACCESS,
  type Access,
  type Admission,
  type CalledMethod,
  type CallerFacts,
  type ClientCertificate,
  type Identity,
  ROLES,
  type Role,
} from './ports/access.port.js';

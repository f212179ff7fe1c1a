import type { Clock } from '../../common/clock.js';
import type { Logger } from '../../common/logger.port.js';
import { type MetricsRegistry, NoMetrics } from '../../common/metrics.port.js';
import type { AccessConfig } from './access.config.js';
import { createAccessMetrics } from './access.metrics.js';
import { AccessService } from './access.service.js';
import { AuditLog } from './audit/audit-log.js';
import { certificateRoles } from './identity/certificate-roles.js';
import { identify } from './identity/identify.js';
import { TokenFile } from './identity/token-file.js';
import type { Access } from './ports/access.port.js';

export interface CreateAccessOptions {
  readonly config: AccessConfig;
  readonly log: Logger;
  readonly clock: Clock;
  readonly metrics?: MetricsRegistry;
}

/**
 * The gate of the operator API as the settings want it. It holds a timer only while a stream by token is open: there is
 * nothing to stop.
 * @throws {AccessError} ACCESS.TOKEN_FILE
 */
export function createAccess({ config, log, clock, metrics = new NoMetrics() }: CreateAccessOptions): Access {
  const ownLog = log.child('access');
  const tokens = config.tokenFile === undefined ? undefined : new TokenFile(config.tokenFile, clock, ownLog);
  const credentials = {
    config,
    certificateRoles: certificateRoles(config.certificateRoles),
    findToken: (token: string) => tokens?.find(token),
  };
  const accessMetrics = createAccessMetrics(metrics);
  return new AccessService({
    limits: config.limits,
    clock,
    identify: (facts) => identify(facts, credentials),
    audit: new AuditLog(clock, ownLog, accessMetrics),
    metrics: accessMetrics,
  });
}

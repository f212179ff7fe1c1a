import type { MetricDefinition, MetricLabels, MetricsRegistry } from '../../src/common/metrics.port.js';
import { NoMetrics } from '../../src/common/metrics.port.js';
import { type AccessConfig, accessConfigSchema } from '../../src/modules/access/access.config.js';
import { createAccessMetrics } from '../../src/modules/access/access.metrics.js';
import { AccessService } from '../../src/modules/access/access.service.js';
import { AuditLog } from '../../src/modules/access/audit/audit-log.js';
import { certificateRoles } from '../../src/modules/access/identity/certificate-roles.js';
import { identify } from '../../src/modules/access/identity/identify.js';
import {
  type CalledMethod,
  type CallerFacts,
  ROLES,
  type Role,
} from '../../src/modules/access/ports/access.port.js';
import { ManualClock } from './manual-clock.js';
import { RecordingLogger } from './recording-logger.js';

/** A token of each role, named after it. */
export const tokenOf = (role: string) => `${role}-`.padEnd(40, 'x');

export const aCaller = (facts: Partial<CallerFacts> = {}): CallerFacts => ({
  transport: 'grpc',
  address: '10.0.0.1',
  isEncrypted: true,
  ...facts,
});

export const aCall = (role: Role, call: Partial<CalledMethod> = {}): CalledMethod => ({
  path: '/v1.System/GetStatus',
  role,
  isStream: false,
  ...call,
});

export const aCertificate = (certificate: Partial<NonNullable<CallerFacts['certificate']>> = {}) => ({
  subject: 'ops',
  names: ['ops.example', '10.9.9.9'],
  fingerprint256: Array.from({ length: 32 }, () => 'AB').join(':'),
  ...certificate,
});

type Settings = Partial<Omit<AccessConfig, 'limits'>> & { readonly limits?: Partial<AccessConfig['limits']> };

/** The gate with a token of each role, a clock that stands still, and what it logged. */
export function anAccess(settings: Settings = {}) {
  const config = accessConfigSchema.parse(settings);
  const clock = new ManualClock();
  const log = new RecordingLogger();
  const counted: string[] = [];
  const metrics = createAccessMetrics(recording(counted));
  const holders = new Map<string, Role>(ROLES.slice(1).map((role) => [tokenOf(role), role]));
  const credentials = {
    config,
    certificateRoles: certificateRoles(config.certificateRoles),
    findToken: (token: string) => {
      const role = holders.get(token);
      return role && { name: `the ${role}`, role };
    },
  };
  const sut = new AccessService({
    limits: config.limits,
    clock,
    identify: (facts) => identify(facts, credentials),
    audit: new AuditLog(clock, log, metrics),
    metrics,
  });
  return { sut, clock, log, counted, holders };
}

/** Each count as `name label label`, each level as `name value`. */
function recording(counted: string[]): MetricsRegistry {
  const short = (name: string) => name.replace('edgekeeper_access_', '');
  return Object.assign(new NoMetrics(), {
    counter: ({ name }: MetricDefinition) => ({
      inc: (_by?: number, labels: MetricLabels = {}) =>
        counted.push([short(name), ...Object.values(labels)].join(' ')),
    }),
    gauge: ({ name }: MetricDefinition) => ({
      set: (value: number) => counted.push(`${short(name)} ${value}`),
    }),
  });
}

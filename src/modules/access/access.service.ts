import type { Clock } from '../../common/clock.js';
import { isLoopbackIp, siteOf } from '../../common/ip-address.js';
import type { AccessLimits } from './access.config.js';
import { AccessError } from './access.errors.js';
import type { AccessMetrics } from './access.metrics.js';
import type { AuditLog } from './audit/audit-log.js';
import { covers, isMutation } from './identity/roles.js';
import { CallLimits } from './limits/call-limits.js';
import { FailedAttempts } from './limits/failed-attempts.js';
import { OpenCounts } from './limits/open-counts.js';
import type { Access, Admission, CalledMethod, CallerFacts, Identity } from './ports/access.port.js';

export interface AccessServiceOptions {
  readonly limits: AccessLimits;
  readonly clock: Clock;
  /** Undefined for a token that nobody holds. */
  readonly identify: (facts: CallerFacts) => Identity | undefined;
  readonly audit: AuditLog;
  readonly metrics: AccessMetrics;
}

const NOTHING_TO_END = () => undefined;

/** The gate of the operator API: who, may they, how much; in that order, and every answer on record. */
export class AccessService implements Access {
  private readonly calls: CallLimits;
  private readonly failures: FailedAttempts;
  private readonly connections: OpenCounts;

  constructor(private readonly options: AccessServiceOptions) {
    const { clock, limits } = options;
    this.calls = new CallLimits(clock, limits);
    this.failures = new FailedAttempts(clock, limits);
    this.connections = new OpenCounts({
      perHolder: limits.connectionsPerAddress,
      total: limits.connections,
    });
  }

  admit(facts: CallerFacts, call: CalledMethod): Admission {
    const { audit, metrics } = this.options;
    let identity: Identity | undefined;
    try {
      identity = this.identified(facts);
      const end = this.entered(identity, facts, call);
      metrics.admitted(identity);
      if (isMutation(call.role)) audit.done(identity, facts, call);
      return { identity, end };
    } catch (error) {
      if (error instanceof AccessError) {
        metrics.refused(error.code);
        audit.refused(error, identity, facts, call);
      }
      throw error;
    }
  }

  acceptConnection(address: string): () => void {
    const { metrics, audit } = this.options;
    if (this.isExempt(address)) return NOTHING_TO_END;
    const site = siteOf(address);
    const broken = this.connections.brokenBy(site);
    if (broken !== undefined) {
      const error = this.tooManyConnections(broken === 'total');
      metrics.refused(error.code);
      audit.connectionRefused(error, address);
      throw error;
    }
    const close = this.connections.open(site);
    metrics.connections(this.connections.total);
    return () => {
      close();
      metrics.connections(this.connections.total);
    };
  }

  private identified(facts: CallerFacts): Identity {
    const isAttempt = facts.token !== undefined && !this.isExempt(facts.address);
    if (isAttempt) this.failures.check(siteOf(facts.address));
    const identity = this.options.identify(facts);
    if (identity !== undefined) return identity;
    if (isAttempt) this.failures.add(siteOf(facts.address));
    throw new AccessError({ code: 'ACCESS.UNAUTHENTICATED', reason: 'token unknown' });
  }

  /** Counts the call; gives what ends it. */
  private entered(identity: Identity, facts: CallerFacts, call: CalledMethod): () => void {
    const caller = this.callerOf(identity, facts);
    if (caller !== undefined) this.calls.takeCall(caller);
    this.checkRole(identity, facts, call);
    return caller === undefined || !call.isStream ? NOTHING_TO_END : this.calls.openStream(caller);
  }

  private checkRole({ role, how }: Identity, facts: CallerFacts, { path, role: needed }: CalledMethod): void {
    // A page that a browser shows may not act with what the browser has: its address, or its certificate.
    if (facts.origin !== undefined && how !== 'token' && isMutation(needed)) {
      throw new AccessError({ code: 'ACCESS.TOKEN_NEEDED', path });
    }
    if (covers(role, needed)) return;
    const showedNothing = how === 'loopback' || how === 'anonymous';
    if (!showedNothing || role !== 'none')
      throw new AccessError({ code: 'ACCESS.FORBIDDEN', path, role, needed });
    throw new AccessError({ code: 'ACCESS.UNAUTHENTICATED', reason: 'no credentials' });
  }

  /** What a caller's calls count under; undefined for one that nothing is counted of. */
  private callerOf({ name, how }: Identity, { address }: CallerFacts): string | undefined {
    if (how === 'token' || how === 'certificate') return `${how} ${name}`;
    return this.isExempt(address) ? undefined : `${how} ${siteOf(address)}`;
  }

  private isExempt(address: string): boolean {
    return this.options.limits.loopback === 'exempt' && isLoopbackIp(address);
  }

  private tooManyConnections(inAll: boolean): AccessError {
    const { connections, connectionsPerAddress } = this.options.limits;
    return new AccessError(
      inAll
        ? { code: 'ACCESS.TOO_MANY_CONNECTIONS', scope: 'node', limit: connections }
        : { code: 'ACCESS.TOO_MANY_CONNECTIONS', scope: 'address', limit: connectionsPerAddress },
    );
  }
}

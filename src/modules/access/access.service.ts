import type { AppError } from '../../common/app-error.js';
import type { Clock } from '../../common/clock.js';
import { type GrpcStatusCode, grpcStatusName } from '../../common/grpc-status.js';
import { isLoopbackIp, siteOf } from '../../common/ip-address.js';
import { OpenCounts } from '../../common/open-counts.js';
import type { AccessLimits } from './access.config.js';
import { AccessError } from './access.errors.js';
import type { AccessMetrics } from './access.metrics.js';
import type { AuditLog } from './audit/audit-log.js';
import { covers, isMutation } from './identity/roles.js';
import { CallLimits } from './limits/call-limits.js';
import { FailedAttempts } from './limits/failed-attempts.js';
import { type StandingStream, StandingStreams } from './limits/standing-streams.js';
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
  private readonly standing: StandingStreams;

  constructor(private readonly options: AccessServiceOptions) {
    const { clock, limits } = options;
    this.calls = new CallLimits(clock, limits);
    this.failures = new FailedAttempts(clock, limits);
    this.standing = new StandingStreams(clock);
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
      const leave = this.entered(identity, facts, call);
      metrics.admitted(identity);
      const stream = this.standingOf(identity, facts, call);
      const caller = identity;
      const isOnRecord = isMutation(call.role);
      // A stream may last for days, and longer than the node.
      if (isOnRecord && call.isStream) audit.done(caller, facts, call, 'begun');
      let isOver = false;
      const end = (status?: GrpcStatusCode) => {
        if (isOver) return;
        isOver = true;
        stream?.close();
        leave();
        const answer = status === undefined ? 'unanswered' : grpcStatusName(status);
        if (isOnRecord) audit.done(caller, facts, call, answer);
      };
      return { identity, revoked: stream?.revoked, end };
    } catch (error) {
      throw this.noted(error, identity, facts, call);
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

  turnedAway(facts: CallerFacts, path: string, error: AppError): void {
    this.options.metrics.refused(error.code);
    this.options.audit.turnedAway(error, facts, path);
  }

  handshakeFailed(address: string, reason: string): void {
    const error = new AccessError({ code: 'ACCESS.HANDSHAKE_FAILED', reason });
    this.options.metrics.refused(error.code);
    this.options.audit.connectionRefused(error, address);
  }

  private noted(
    error: unknown,
    identity: Identity | undefined,
    facts: CallerFacts,
    call: CalledMethod,
  ): unknown {
    if (error instanceof AccessError) {
      this.options.metrics.refused(error.code);
      this.options.audit.refused(error, identity, facts, call);
    }
    return error;
  }

  /** Of who comes by a certificate the whole connection ends with it. */
  private standingOf(identity: Identity, facts: CallerFacts, call: CalledMethod): StandingStream | undefined {
    if (!call.isStream || identity.how !== 'token') return undefined;
    return this.standing.open(() => {
      try {
        this.checkRole(this.known(facts), facts, call);
      } catch (error) {
        throw this.noted(error, identity, facts, call);
      }
    });
  }

  private identified(facts: CallerFacts): Identity {
    const isAttempt = facts.token !== undefined && !this.isExempt(facts.address);
    if (isAttempt) this.failures.check(siteOf(facts.address));
    try {
      return this.known(facts);
    } catch (error) {
      if (isAttempt) this.failures.add(siteOf(facts.address));
      throw error;
    }
  }

  private known(facts: CallerFacts): Identity {
    const identity = this.options.identify(facts);
    if (identity === undefined)
      throw new AccessError({ code: 'ACCESS.UNAUTHENTICATED', reason: 'token unknown' });
    return identity;
  }

  /** Counts the call; gives what ends it. */
  private entered(identity: Identity, facts: CallerFacts, call: CalledMethod): () => void {
    const caller = this.callerOf(identity, facts);
    if (caller !== undefined) this.calls.takeCall(caller);
    this.checkRole(identity, facts, call);
    if (caller === undefined) return NOTHING_TO_END;
    return call.isStream ? this.calls.openStream(caller) : this.calls.openCall(caller);
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

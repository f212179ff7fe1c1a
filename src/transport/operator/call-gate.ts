import type { AppError } from '../../common/app-error.js';
import type { Access, Admission, CalledMethod, CallerFacts } from '../../modules/access/index.js';
import { SystemError } from '../../modules/system/index.js';
import { roleNeeded } from '../method-role.js';
import { OPERATOR_SERVICES } from '../operator-services.js';
import { pathOf } from '../request-decoding.js';

/** Calls of all callers under way at a time, streams among them. */
const MAX_CALLS = 1_024;

/** Of a name that nothing is served under, to say it back. */
const MAX_ECHO_CHARACTERS = 128;

/** What is served beside the services of proto/, over gRPC only. */
const HEALTH = '/grpc.health.v1.Health/';
const STANDARD: readonly CalledMethod[] = [
  { path: `${HEALTH}Check`, role: 'none', isStream: false },
  { path: `${HEALTH}List`, role: 'viewer', isStream: false },
  { path: `${HEALTH}Watch`, role: 'viewer', isStream: true },
  { path: '/grpc.reflection.v1.ServerReflection/ServerReflectionInfo', role: 'viewer', isStream: true },
  { path: '/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo', role: 'viewer', isStream: true },
];

/** One decision for every call of the operator port, whichever protocol it comes by, before its request is decoded. */
export class CallGate {
  readonly #methods: ReadonlyMap<string, CalledMethod>;
  #calls = 0;

  constructor(
    private readonly access: Access,
    private readonly maxCalls = MAX_CALLS,
  ) {
    const served = OPERATOR_SERVICES.flatMap((service) =>
      service.methods.map((method): CalledMethod => {
        const path = pathOf(method);
        return { path, role: roleNeeded(method), isStream: method.methodKind !== 'unary' };
      }),
    );
    this.#methods = new Map([...STANDARD, ...served].map((method) => [method.path, method]));
  }

  /** Why no call is let through to the path, in grpc-go's words; undefined when something is served there. */
  unserved(path: string): SystemError | undefined {
    if (this.#methods.has(path)) return undefined;
    const nameAt = path.lastIndexOf('/');
    const service = echo(path.slice(1, Math.max(1, nameAt)));
    const name = echo(path.slice(nameAt + 1));
    const isKnown = [...this.#methods.keys()].some((known) => known.startsWith(`/${service}/`));
    return new SystemError({ code: 'SYSTEM.METHOD_UNKNOWN', service, method: isKnown ? name : undefined });
  }

  /** Counts and tells of a call that was refused before it got here. */
  turnAway(facts: CallerFacts, path: string, error: AppError): void {
    this.access.turnedAway(facts, path, error);
  }

  /**
   * Counts the call until `end` of what it gives.
   * @throws {SystemError} SYSTEM.METHOD_UNKNOWN | SYSTEM.TOO_MANY_CALLS
   * @throws {AccessError} as `Access.admit`
   */
  admit(facts: CallerFacts, path: string): Admission {
    const method = this.#methods.get(path);
    if (method === undefined || this.#calls >= this.maxCalls) {
      const error =
        this.unserved(path) ?? new SystemError({ code: 'SYSTEM.TOO_MANY_CALLS', limit: this.maxCalls });
      this.turnAway(facts, path, error);
      throw error;
    }
    const { identity, revoked, end } = this.access.admit(facts, method);
    this.#calls += 1;
    let isOpen = true;
    return {
      identity,
      revoked,
      end: (status) => {
        if (!isOpen) return;
        isOpen = false;
        this.#calls -= 1;
        end(status);
      },
    };
  }
}

function echo(name: string): string {
  return name.slice(0, MAX_ECHO_CHARACTERS);
}

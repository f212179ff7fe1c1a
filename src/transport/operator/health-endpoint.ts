import type { Server, ServerUnaryCall, ServerWritableStream, sendUnaryData } from '@grpc/grpc-js';
import { service } from 'grpc-health-check';
import { GrpcStatus } from '../../common/grpc-status.js';

/** Of a service's name. Longer ones are asked for by nobody who means well. */
const MAX_NAME_CHARACTERS = 256;
const NO_SUCH_NAME = { code: GrpcStatus.INVALID_ARGUMENT, details: 'no service has such a name' };

type Status = 'SERVING' | 'NOT_SERVING';
type HealthCall = ServerUnaryCall<{ service: string }, object>;
type Watch = ServerWritableStream<{ service: string }, { status: Status | 'SERVICE_UNKNOWN' }>;

/**
 * The health service of gRPC for names that the node itself sets. The library's own handlers keep each name that anybody
 * has ever watched.
 * @see https://github.com/grpc/grpc/blob/master/doc/health-checking.md
 */
export class HealthEndpoint {
  readonly #statuses = new Map<string, Status>([['', 'SERVING']]);
  readonly #watches = new Set<() => void>();

  setServing(name: string, isServing: boolean): void {
    this.#statuses.set(name, isServing ? 'SERVING' : 'NOT_SERVING');
    for (const tell of this.#watches) tell();
  }

  addTo(server: Server): void {
    server.addService(service, {
      check: (call: HealthCall, answer: sendUnaryData<object>) => this.#check(call, answer),
      list: (_call: HealthCall, answer: sendUnaryData<object>) => answer(null, this.#list()),
      watch: (call: Watch) => this.#watch(call),
    });
  }

  #check({ request: { service: name } }: HealthCall, answer: sendUnaryData<object>): void {
    const status = this.#statuses.get(name);
    if (status === undefined) answer({ code: GrpcStatus.NOT_FOUND, details: 'service unknown' });
    else answer(null, { status });
  }

  #list(): object {
    const statuses = [...this.#statuses].map(([name, status]) => [name, { status }] as const);
    return { statuses: Object.fromEntries(statuses) };
  }

  /** The status now and after each change; a reader that is behind gets the last one only. */
  #watch(call: Watch): void {
    const { service: name } = call.request;
    if (name.length > MAX_NAME_CHARACTERS) {
      call.emit('error', NO_SUCH_NAME);
      return;
    }
    let told: string | undefined;
    const tell = () => {
      const status = this.#statuses.get(name) ?? 'SERVICE_UNKNOWN';
      if (status === told || call.writableNeedDrain) return;
      told = status;
      call.write({ status });
    };
    this.#watches.add(tell);
    call.on('drain', tell);
    call.once('cancelled', () => this.#watches.delete(tell));
    tell();
  }
}

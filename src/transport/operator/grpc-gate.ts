import { type Metadata, ServerInterceptingCall, type ServerInterceptor } from '@grpc/grpc-js';
import type { Clock } from '../../common/clock.js';
import type { GrpcStatusCode } from '../../common/grpc-status.js';
import { type CallerFacts, rememberCaller } from '../../modules/access/index.js';
import { grpcStatusFor, SystemError } from '../../modules/system/index.js';
import { toStatusObject } from '../error-details.js';
import type { CallGate } from './call-gate.js';
import { bearerToken, toClientCertificate } from './caller-facts.js';

/** A call as an interceptor gets it. */
type Call = Parameters<ServerInterceptor>[1];

export interface GrpcGateOptions {
  readonly gate: CallGate;
  readonly clock: Clock;
  readonly isEncrypted: boolean;
  /** Longest that a call without a stream may take. */
  readonly unaryTimeoutMs: number;
}

/** Asks the gate before anything of a gRPC call is read, also of health and reflection, and bounds its time. */
export function grpcGate({ gate, clock, isEncrypted, unaryTimeoutMs }: GrpcGateOptions): ServerInterceptor {
  return ({ path, requestStream, responseStream }, call) => {
    let end = () => {};
    let answer: GrpcStatusCode | undefined;
    const refuse = (error: unknown) => {
      const status = toStatusObject(grpcStatusFor(error));
      answer = status.code;
      call.sendStatus(status);
    };
    const limitTime = () =>
      clock.setTimeout(
        () => refuse(new SystemError({ code: 'SYSTEM.CALL_TIMEOUT', path, timeoutMs: unaryTimeoutMs })),
        unaryTimeoutMs,
      );
    return new ServerInterceptingCall(call, {
      start: (next) =>
        next({
          onReceiveMetadata: (metadata, go) => {
            try {
              const facts = factsOf(call, metadata, isEncrypted);
              if (isCompressed(call)) {
                const error = new SystemError({ code: 'SYSTEM.COMPRESSED', path });
                gate.turnAway(facts, path, error);
                throw error;
              }
              const admission = gate.admit(facts, path);
              const { revoked } = admission;
              revoked?.addEventListener('abort', () => refuse(revoked.reason), { once: true });
              const cancel = requestStream || responseStream ? undefined : limitTime();
              end = () => {
                cancel?.();
                admission.end(answer);
              };
              rememberCaller(metadata, admission.identity);
            } catch (error) {
              return refuse(error);
            }
            go(metadata);
          },
          // grpc-js tells of the end of every call by it, however it ended.
          onCancel: () => end(),
        }),
      sendStatus: (status, next) => {
        answer = status.code as GrpcStatusCode | undefined;
        next(status);
      },
    });
  };
}

function factsOf(call: Call, metadata: Metadata, isEncrypted: boolean): CallerFacts {
  const { sslPeerCertificate } = call.getAuthContext();
  const [authorization, ...more] = metadata.get('authorization');
  // Nothing after the gate has a use for it.
  metadata.remove('authorization');
  return {
    transport: 'grpc',
    address: call.getConnectionInfo().remoteAddress ?? '',
    isEncrypted,
    certificate: sslPeerCertificate && toClientCertificate(sslPeerCertificate),
    token: bearerToken(more.length > 0 ? more : authorization),
  };
}

/**
 * grpc-js inflates all messages of a chunk at once, the second and later ones of a call without a stream among them:
 * a few KiB become a hundred MiB. The Go client has no decompressor either. (A private field; a test tells if it moves.)
 */
function isCompressed(call: Call): boolean {
  const encoding: unknown = Reflect.get(call, 'incomingEncoding');
  return encoding !== undefined && encoding !== 'identity';
}

import type { DescMethod, Message } from '@bufbuild/protobuf';
import {
  ConnectError,
  type ConnectRouter,
  type ConnectRouterOptions,
  createContextKey,
  type HandlerContext,
} from '@connectrpc/connect';
import { Metadata } from '@grpc/grpc-js';
import type { MessageHandler } from '@nestjs/microservices';
import type { Observable } from 'rxjs';
import { type Clock, withDeadline } from '../../common/clock.js';
import { GrpcStatus, type GrpcStatusCode } from '../../common/grpc-status.js';
import { type Identity, rememberCaller } from '../../modules/access/index.js';
import { grpcStatusFor, SystemError } from '../../modules/system/index.js';
import { errorDetails } from '../error-details.js';
import { OPERATOR_SERVICES } from '../operator-services.js';
import { handlerPattern, type MessageHandlers } from '../peer-router.js';
import { pathOf } from '../request-decoding.js';
import { type RpcHandler, unaryAnswer } from '../unary-answer.js';
import { type HttpCall, streamedBy } from './http-call.js';

/** Who makes the call, as the gate found. */
export const CALLER = createContextKey<Identity | undefined>(undefined);

/** What the call was answered, for the record; nothing while it has a handler that has not answered. */
export const ANSWER = createContextKey<{ status: GrpcStatusCode | undefined }>({ status: undefined });

/** What the caller asks for; the library decodes a message without fields in its place. */
export const REQUEST = createContextKey<Message | SystemError | undefined>(undefined);

/** Sends the head of a stream, which callers wait for to know that they are subscribed. */
export const SEND_HEAD = createContextKey<(headers: Headers) => void>(() => undefined);

export interface RoutesOptions {
  readonly handlers: MessageHandlers;
  readonly clock: Clock;
  readonly unaryTimeoutMs: number;
}

/** The operator's services for Connect, gRPC-Web and JSON, answered by the same Nest handlers as over gRPC. */
export function operatorRoutes(options: RoutesOptions): (router: ConnectRouter) => void {
  return (router) => {
    for (const service of OPERATOR_SERVICES) {
      for (const method of service.methods) {
        const handler = options.handlers.get(handlerPattern(service.name, method.name));
        if (handler === undefined) continue;
        // gRPC itself needs HTTP/2. (A route does not inherit that from its router.)
        const route: ConnectRouterOptions = { grpc: false };
        router.rpc(method, answerBy(handler, method, options) as never, route);
      }
    }
  };
}

function answerBy(handler: MessageHandler, method: DescMethod, { clock, unaryTimeoutMs }: RoutesOptions) {
  const answer = ({ values }: HandlerContext, call: object): Promise<unknown> => {
    values.get(ANSWER).status = undefined;
    const metadata = new Metadata();
    const caller = values.get(CALLER);
    if (caller !== undefined) rememberCaller(metadata, caller);
    return (handler as RpcHandler)(values.get(REQUEST), metadata, call);
  };
  if (method.methodKind === 'unary') {
    const path = pathOf(method);
    const onTimeout = () => new SystemError({ code: 'SYSTEM.CALL_TIMEOUT', path, timeoutMs: unaryTimeoutMs });
    return async (_empty: Message, context: HandlerContext) => {
      const limits = { timeoutMs: unaryTimeoutMs, signal: context.signal, onTimeout };
      try {
        const reply = await withDeadline(clock, limits, (signal) => unaryAnswer(answer(context, { signal })));
        context.values.get(ANSWER).status = GrpcStatus.OK;
        return reply;
      } catch (error) {
        throw failed(error, context);
      }
    };
  }
  return async function* (_empty: Message, context: HandlerContext) {
    const handle = async (call: HttpCall) => {
      const ended$ = (await answer(context, call)) as Observable<unknown>;
      context.values.get(SEND_HEAD)(context.responseHeader);
      return ended$;
    };
    try {
      yield* streamedBy(handle, context.signal);
      context.values.get(ANSWER).status = GrpcStatus.OK;
    } catch (error) {
      throw failed(error, context);
    }
  };
}

function failed(error: unknown, { values }: HandlerContext): ConnectError {
  const failure = connectErrorFor(error);
  values.get(ANSWER).status = failure.code as number as GrpcStatusCode;
  return failure;
}

/** An error with the code and the text that a gRPC caller gets; the numbers of both are the same. */
export function connectErrorFor(error: unknown): ConnectError {
  if (error instanceof ConnectError) return error;
  const status = grpcStatusFor(error);
  return new ConnectError(status.details, status.code as number, undefined, errorDetails(status), error);
}

import { errorFields } from '../../../common/app-error.js';
import type { Clock } from '../../../common/clock.js';
import type { Logger } from '../../../common/logger.port.js';
import { INTERNAL, JsonRpcError, numberFor } from '../jsonrpc.errors.js';
import type { JsonRpcMetrics } from '../jsonrpc.metrics.js';
import { reasonOfAbsence } from '../methods/absent-methods.js';
import type { Caller, MethodTable } from './method.js';
import { Params } from './params.js';
import { type ReadCall, type ReadRequest, type RequestId, readRequest } from './read-request.js';

/** What a batch may make us hold; one reply may be larger, since a block is as large as it is. */
const MAX_REPLY_BYTES = 4 * 1_048_576;
/** A name that is longer is none of ours, and is not given back in full. */
const SHOWN_METHOD_LENGTH = 64;

export interface DispatcherOptions {
  readonly methods: MethodTable;
  readonly batchLimit: number;
  readonly clock: Clock;
  readonly metrics: JsonRpcMetrics;
  readonly log: Logger;
}

/** Answers the text of a request with the text of a reply; never rejects. */
export class Dispatcher {
  constructor(private readonly options: DispatcherOptions) {}

  async answer(text: string, caller: Caller): Promise<string> {
    try {
      return await this.answerRead(readRequest(text, this.options.batchLimit), caller);
    } catch (error) {
      return failure(null, this.explain(error, ''));
    }
  }

  private async answerRead(request: ReadRequest, caller: Caller): Promise<string> {
    const { load } = caller;
    if (load.isFull) {
      this.options.metrics.refused('busy');
      return request.kind === 'single' ? busy(request.call) : `[${request.calls.map(busy).join(',')}]`;
    }
    const done = load.answering();
    try {
      if (request.kind === 'single') return await this.call(request.call, caller);
      return await this.batch(request.calls, caller);
    } finally {
      done();
    }
  }

  /** One after the other, so that a batch is no more work at a time than a call; what nobody waits for is left out. */
  private async batch(calls: readonly ReadCall[], caller: Caller): Promise<string> {
    const replies: string[] = [];
    let length = 0;
    for (const call of calls) {
      if (caller.isGone) break;
      const reply =
        length < MAX_REPLY_BYTES
          ? await this.call(call, caller)
          : failure(
              call.id,
              errorObject(new JsonRpcError({ code: 'JSONRPC.REPLY_TOO_LARGE', maxBytes: MAX_REPLY_BYTES })),
            );
      length += reply.length;
      replies.push(reply);
    }
    return `[${replies.join(',')}]`;
  }

  private async call(call: ReadCall, caller: Caller): Promise<string> {
    const { methods, clock, metrics } = this.options;
    const startMs = clock.monotonicMs();
    const label = methods.has(call.method) ? call.method : 'other';
    try {
      const result = await this.run(call, caller);
      const reply = `{"jsonrpc":"2.0","id":${JSON.stringify(call.id)},"result":${JSON.stringify(result)}}`;
      metrics.callFinished(label, 0, clock.monotonicMs() - startMs);
      return reply;
    } catch (error) {
      const explained = this.explain(error, label);
      metrics.callFinished(label, explained.code, clock.monotonicMs() - startMs);
      return failure(call.id, explained);
    }
  }

  private async run({ method, params, fault }: ReadCall, caller: Caller): Promise<unknown> {
    if (fault !== undefined) throw fault;
    const handler = this.options.methods.get(method);
    if (handler !== undefined) return (await handler(new Params(params), caller)) ?? null;
    throw new JsonRpcError({
      code: 'JSONRPC.METHOD_NOT_FOUND',
      method: method.length > SHOWN_METHOD_LENGTH ? `${method.slice(0, SHOWN_METHOD_LENGTH)}…` : method,
      reason: reasonOfAbsence(method),
    });
  }

  /** Errors that are not ours to tell say nothing of the inside. */
  private explain(error: unknown, method: string): ErrorObject {
    if (error instanceof JsonRpcError) return errorObject(error);
    this.options.log.warn('a call failed', { method, ...errorFields(error) });
    return INTERNAL;
  }
}

interface ErrorObject {
  readonly code: number;
  readonly message: string;
}

const errorObject = (error: JsonRpcError): ErrorObject => ({
  code: numberFor(error.detail),
  message: error.message,
});

/** With its id, without which it could not be told which reply it is. */
const busy = ({ id }: ReadCall): string =>
  failure(id, errorObject(new JsonRpcError({ code: 'JSONRPC.BUSY' })));

/** The id is left out where it is null, as in the Go client. */
function failure(id: RequestId, error: ErrorObject): string {
  return JSON.stringify({ jsonrpc: '2.0', ...(id === null ? {} : { id }), error });
}

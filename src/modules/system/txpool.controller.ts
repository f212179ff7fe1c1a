import type { MessageInitShape } from '@bufbuild/protobuf';
import { type Any, anyUnpack, BytesValueSchema } from '@bufbuild/protobuf/wkt';
import { Controller, Inject, UseInterceptors } from '@nestjs/common';
import { GrpcMethod } from '@nestjs/microservices';
import { filter, map, type Observable } from 'rxjs';
import { errorText } from '../../common/app-error.js';
import { boundedStream } from '../../common/bounded-stream.js';
import type { StreamCall } from '../../common/stream-call.js';
import {
  type AddTxnReq,
  type AddTxnRespSchema,
  EventType,
  type SubscribeRequest,
  type TxnPoolStatusRespSchema,
  type TxPoolEventSchema,
} from '../../gen/v1/txpool_operator_pb.js';
import { NOT_JUDGED, TXPOOL, type TxPool, type TxPoolEvent } from '../txpool/index.js';
import { OperatorCallInterceptor } from './operator-call.interceptor.js';
import { OPERATOR_CLOSING } from './ports/operator-closing.port.js';
import { SYSTEM_CONFIG, type SystemConfig } from './system.config.js';
import { SystemError } from './system.errors.js';

/** What each event is to the Go client's callers. Nothing is enqueued, promoted or demoted here, as that takes the state. */
const EVENT_TYPES: Record<TxPoolEvent['type'], EventType> = {
  'txpool:added': EventType.ADDED,
  'txpool:mined': EventType.PRUNED_PROMOTED,
  'txpool:dropped': EventType.DROPPED,
};

/** What may wait for a slow subscriber beside the rest: one block settles as many as the pool holds. */
const MAX_OF_A_BLOCK = 4_096;

type TxPoolEventInit = MessageInitShape<typeof TxPoolEventSchema>;

/**
 * Transactions on their way into blocks.
 * @see polygon-edge@597a0f3 txpool/operator.go
 * @remarks Differs: nonce and balance are not judged, and `AddTxn` says so; `Status` counts all that are not mined, where
 * Go counts the promoted ones.
 */
@Controller()
@UseInterceptors(OperatorCallInterceptor)
export class TxPoolController {
  constructor(
    @Inject(TXPOOL) private readonly pool: TxPool,
    @Inject(SYSTEM_CONFIG) private readonly config: SystemConfig,
    @Inject(OPERATOR_CLOSING) private readonly closing: AbortSignal,
  ) {}

  @GrpcMethod('TxnPoolOperator', 'Status')
  status(): MessageInitShape<typeof TxnPoolStatusRespSchema> {
    return { length: BigInt(this.pool.size()) };
  }

  @GrpcMethod('TxnPoolOperator', 'AddTxn')
  async addTxn({ raw, from }: AddTxnReq): Promise<MessageInitShape<typeof AddTxnRespSchema>> {
    const { hash } = await this.pool.add(transactionIn(raw), 'operator', from === '' ? undefined : from);
    return { txHash: hash, notJudged: [...NOT_JUDGED] };
  }

  @GrpcMethod('TxnPoolOperator', 'Subscribe')
  subscribe({ types }: SubscribeRequest, _metadata: unknown, call: StreamCall<unknown>): Observable<never> {
    const events$ = this.pool.events$.pipe(
      map(({ type, hash }) => ({ type: EVENT_TYPES[type], txHash: hash })),
      filter(({ type }) => types.includes(type)),
    );
    return boundedStream<TxPoolEventInit>(call, events$, {
      capacity: this.config.subscriberCapacity + MAX_OF_A_BLOCK,
      onOverflow: () => new SystemError({ code: 'SYSTEM.SUBSCRIBER_TOO_SLOW' }),
      closing: this.closing,
    });
  }
}

/**
 * The transaction's bytes: as they are, whatever the type is called, as with the Go client; or in a BytesValue, since JSON
 * has no Any without a type.
 */
function transactionIn(raw: Any | undefined): Uint8Array {
  if (raw === undefined) return new Uint8Array();
  try {
    return anyUnpack(raw, BytesValueSchema)?.value ?? raw.value;
  } catch (error) {
    const path = '/v1.TxnPoolOperator/AddTxn';
    throw new SystemError({ code: 'SYSTEM.REQUEST_UNDECODABLE', path, reason: errorText(error) }, error);
  }
}

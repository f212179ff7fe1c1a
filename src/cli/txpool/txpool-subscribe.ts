import { operatorAddress } from '../../config/operator-address.js';
import { EventType, TxnPoolOperator, type TxPoolEvent } from '../../gen/v1/txpool_operator_pb.js';
import { type CommandContext, printResult } from '../command-context.js';
import { type Given, isOn, textOf } from '../flags.js';
import { withService } from '../operator-client.js';
import { type CommandResult, keyValues } from '../output.js';
import { readEvents } from '../read-events.js';

/** The flag of each kind of event. @see polygon-edge@597a0f3 command/txpool/subscribe/params.go */
const TYPE_OF_FLAG: Readonly<Record<string, EventType>> = {
  added: EventType.ADDED,
  enqueued: EventType.ENQUEUED,
  promoted: EventType.PROMOTED,
  dropped: EventType.DROPPED,
  demoted: EventType.DEMOTED,
  'pruned-promoted': EventType.PRUNED_PROMOTED,
  'pruned-enqueued': EventType.PRUNED_ENQUEUED,
};

/**
 * `txpool subscribe`: prints what becomes of transactions until it is interrupted.
 * @see polygon-edge@597a0f3 command/txpool/subscribe/txpool_subscribe.go runSubscribeLoop
 * @remarks Differs: each flag selects its kind of event, where all flags of Go are one variable; none selects all.
 */
export async function txpoolSubscribe({ io, clock, env }: CommandContext, given: Given): Promise<void> {
  const address = operatorAddress(textOf(given, 'grpc-address'), env);
  const signal = io.interruption();
  await withService(TxnPoolOperator, address, clock, (client) =>
    readEvents(client.subscribe({ types: selectedTypes(given) }, { signal }), { signal, address }, (event) =>
      printResult(io, given.json !== undefined, eventResult(event)),
    ),
  );
}

function selectedTypes(given: Given): EventType[] {
  const flags = Object.entries(TYPE_OF_FLAG);
  const selected = flags.filter(([flag]) => isOn(given, flag, false));
  return (selected.length > 0 ? selected : flags).map(([, type]) => type);
}

/** @see polygon-edge@597a0f3 command/txpool/subscribe/result.go TxPoolEventResult */
function eventResult({ type, txHash }: TxPoolEvent): CommandResult {
  return {
    text: `\n[TXPOOL EVENT]\n${keyValues([
      ['TYPE', EventType[type] ?? type],
      ['HASH', txHash],
    ])}\n`,
    json: { event_type: type, tx_hash: txHash },
  };
}

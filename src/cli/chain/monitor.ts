import { operatorAddress } from '../../config/operator-address.js';
import { type BlockchainEvent, System } from '../../gen/v1/system_pb.js';
import { type CommandContext, printResult } from '../command-context.js';
import { type Given, textOf } from '../flags.js';
import { withService } from '../operator-client.js';
import { type CommandResult, keyValues } from '../output.js';
import { readEvents } from '../read-events.js';

/**
 * `monitor`: prints every change of the chain until it is interrupted.
 * @see polygon-edge@597a0f3 command/monitor/monitor.go runSubscribeLoop
 * @remarks Differs: the last event is not printed again at the end.
 */
export async function monitor({ io, clock, env }: CommandContext, given: Given): Promise<void> {
  const address = operatorAddress(textOf(given, 'grpc-address'), env);
  const signal = io.interruption();
  await withService(System, address, clock, (client) =>
    readEvents(client.subscribe({}, { signal }), { signal, address }, (event) =>
      printResult(io, given.json !== undefined, eventResult(event)),
    ),
  );
}

/**
 * @see polygon-edge@597a0f3 command/monitor/result.go BlockEventResult
 * @remarks Differs: several blocks of one event stand on lines of their own.
 */
export function eventResult(event: BlockchainEvent): CommandResult {
  const rows = (type: string, headers: BlockchainEvent['added']) =>
    headers.map(({ number, hash }) => ({ type, number, hash }));
  const added = rows('ADD BLOCK', event.added);
  const removed = rows('REMOVE BLOCK', event.removed);
  const blocks = [...added, ...removed].map(({ type, number, hash }) =>
    keyValues([
      ['Event Type', type],
      ['Block Number', number],
      ['Block Hash', hash],
    ]),
  );
  return { text: `\n[BLOCK EVENT]\n${blocks.join('\n')}`, json: { events: { added, removed } } };
}

import type { TcpAddress } from '../../config/address.js';
import { operatorAddress } from '../../config/operator-address.js';
import { type ServerStatus, System } from '../../gen/v1/system_pb.js';
import { type CommandContext, printResult } from '../command-context.js';
import { type Given, isOn, textOf } from '../flags.js';
import { type OperatorClient, withService } from '../operator-client.js';
import { type CommandResult, keyValues } from '../output.js';
import { readEvents } from '../read-events.js';

/** A terminal's screen is cleared, and what is printed begins at its top. */
const CLEAR = '\u001b[2J\u001b[H';

/**
 * `status`: the chain, its head and the address of a node; with `--details` also what only our node tells, with `--watch` anew
 * after each change of the chain, until it is interrupted.
 * @see polygon-edge@597a0f3 command/status/result.go StatusResult
 */
export async function status(context: CommandContext, given: Given): Promise<CommandResult | undefined> {
  const { clock, env, io } = context;
  const address = operatorAddress(textOf(given, 'grpc-address'), env);
  const withDetails = isOn(given, 'details', false);
  const ask = async (client: OperatorClient) => statusResult(await client.getStatus({}), withDetails);
  if (!isOn(given, 'watch', false)) return withService(System, address, clock, ask);
  const isJson = given.json !== undefined;
  await withService(System, address, clock, (client) =>
    watch(client, address, context, async () => {
      const result = await ask(client);
      if (io.terminal.colours && !isJson) io.stdout(CLEAR);
      printResult(io, isJson, result);
    }),
  );
  return undefined;
}

/** The stream is opened first, so that no change falls between it and the first status. */
async function watch(
  client: OperatorClient,
  address: TcpAddress,
  { io }: CommandContext,
  show: () => Promise<void>,
): Promise<void> {
  const signal = io.interruption();
  const events = client.subscribe({}, { signal });
  await show();
  await readEvents(events, { signal, address }, show);
}

function statusResult(reply: ServerStatus, withDetails: boolean): CommandResult {
  const number = reply.current?.number ?? 0n;
  const hash = reply.current?.hash ?? '';
  const rows = keyValues([
    ['Network (Chain ID)', reply.network],
    ['Current Block Number (base 10)', number],
    ['Current Block Hash', hash],
    ['Libp2p Address', reply.p2pAddr],
    ...(withDetails ? detailRows(reply) : []),
  ]);
  return {
    text: `\n[CLIENT STATUS]\n${rows}`,
    json: {
      chain_id: reply.network,
      current_block_number: number,
      current_block_hash: hash,
      libp2p_address: reply.p2pAddr,
      ...(withDetails && {
        genesis_hash: reply.genesis,
        genesis: reply.genesisTrust,
        verification: reply.verification,
        ...jsonTrust(reply),
      }),
    },
  };
}

/** What an older node does not send is left out. */
function jsonTrust({ trust }: ServerStatus): Record<string, unknown> {
  if (trust === undefined) return {};
  return {
    anchor: { kind: trust.anchor, number: trust.anchorNumber, hash: trust.anchorHash },
    strict: trust.strict,
    trusted_sets: trust.trustedSets,
    anomalies: trust.anomalies,
    last_anomaly: trust.lastAnomaly,
    conflicts: trust.conflicts,
    tail: trust.tail,
    degraded: trust.degraded,
  };
}

function trustRows({ trust }: ServerStatus): [string, string | bigint][] {
  if (trust === undefined) return [];
  return [
    ['Verified From', `${trust.anchor} ${trust.anchorNumber} ${trust.anchorHash}`],
    ['Strict', trust.strict ? 'yes' : 'no'],
    ['Validator Sets Taken On Trust', trust.trustedSets],
    [
      'Anomalies',
      trust.lastAnomaly === '' ? trust.anomalies : `${trust.anomalies}, last: ${trust.lastAnomaly}`,
    ],
    ['Conflicts With Final Blocks', trust.conflicts],
    ['Oldest Block Kept', trust.tail],
    ...(trust.degraded === '' ? [] : ([['Degraded', trust.degraded]] satisfies [string, string][])),
  ];
}

function detailRows(reply: ServerStatus): [string, string | bigint][] {
  const { genesis, genesisTrust, verification } = reply;
  return [
    ['Genesis Hash', genesis],
    ['Genesis', genesisTrust],
    ['Verification', verification],
    ...trustRows(reply),
  ];
}

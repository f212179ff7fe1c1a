import type { Client } from '@connectrpc/connect';
import { operatorAddress } from '../../config/operator-address.js';
import {
  type AddPeerResponse,
  Peers,
  AddPeerResponse_Stage as Stage,
  AddPeerResponse_Step as Step,
} from '../../gen/edgekeeper/v1/peers_pb.js';
import { type CommandContext, usageError } from '../command-context.js';
import { type Given, textOf } from '../flags.js';
import { withService } from '../operator-client.js';
import { type CommandResult, keyValues } from '../output.js';
import { RpcError, rpcErrorOf } from '../rpc-error.js';
import { inOneLine, spanMs } from '../value-texts.js';

/** They are dialed at once, each by a call that stays open. */
const MAX_ADDRESSES = 16;
const DEFAULT_WAIT_MS = 20_000;
/** Of AddPeerRequest.timeout_ms. */
const MAX_WAIT_MS = 25_000;
/** Beside the wait, for the answer to come. */
const ANSWER_MS = 10_000;

/** What came of one address: how far its peer got, or why the node did not take it. */
type Outcome = { readonly address: string } & (
  | { readonly reply: AddPeerResponse; readonly error?: undefined }
  | { readonly reply?: undefined; readonly error: string }
);

/** `peers add --wait`: dials peers and waits for what comes of it. It fails unless all of them are connected in time. */
export async function peersAddAndWait(
  { clock, env }: CommandContext,
  given: Given,
  addresses: readonly string[],
): Promise<CommandResult> {
  if (addresses.length > MAX_ADDRESSES) throw usageError(`--wait takes up to ${MAX_ADDRESSES} addresses`);
  const timeoutMs = waitMs(given);
  const node = operatorAddress(textOf(given, 'grpc-address'), env);
  const target = `${node.host}:${node.port}`;
  const add = (client: Client<typeof Peers>) => (address: string) =>
    addOne(client, address, timeoutMs, target);
  const outcomes = await withService(
    Peers,
    node,
    clock,
    (client) => Promise.all(addresses.map(add(client))),
    timeoutMs + ANSWER_MS,
  );
  const connected = outcomes.filter(({ reply }) => reply?.stage === Stage.CONNECTED).length;
  const totals = keyValues([
    ['Peers listed', outcomes.length],
    ['Peers connected', connected],
  ]);
  const sections = outcomes.map((outcome) => `[PEER]\n${keyValues(rows(outcome))}`);
  return {
    text: `\n[PEERS ADDED]\n${totals}\n\n${sections.join('\n\n')}\n`,
    json: { num_requested: outcomes.length, num_connected: connected, peers: outcomes.map(outcomeJson) },
    failed: connected < outcomes.length,
  };
}

function waitMs(given: Given): number {
  if (given.timeout === undefined) return DEFAULT_WAIT_MS;
  const ms = Number(spanMs('timeout', textOf(given, 'timeout')));
  if (ms > MAX_WAIT_MS) throw usageError(`--timeout may be up to ${MAX_WAIT_MS / 1_000}s`);
  return ms;
}

async function addOne(
  client: Client<typeof Peers>,
  address: string,
  timeoutMs: number,
  target: string,
): Promise<Outcome> {
  try {
    return { address, reply: await client.add({ address, wait: true, timeoutMs }) };
  } catch (error) {
    const failure = rpcErrorOf(error, target);
    if (!(failure instanceof RpcError)) throw failure;
    return { address, error: failure.message };
  }
}

function rows({ address, reply, error }: Outcome): [string, string][] {
  if (reply === undefined) {
    return [
      ['Address', inOneLine(address)],
      ['Error', inOneLine(error)],
    ];
  }
  const { stage, failedAt, reason, timedOut } = reply;
  const failure: [string, string][] = [
    ['Failed at', nameOf(Step, failedAt)],
    ['Code', inOneLine(reason?.code ?? '')],
    ['Reason', inOneLine(reason?.text ?? '')],
  ];
  return [
    ['Address', inOneLine(address)],
    ['Stage', nameOf(Stage, stage)],
    ...(stage === Stage.FAILED ? failure : []),
    ...(timedOut ? ([['Note', 'the time is over; the dial goes on']] satisfies [string, string][]) : []),
  ];
}

function outcomeJson({ address, reply, error }: Outcome): Record<string, unknown> {
  if (reply === undefined) return { address, error };
  const { stage, failedAt, reason, timedOut } = reply;
  return {
    address,
    stage: nameOf(Stage, stage),
    timed_out: timedOut,
    ...(stage === Stage.FAILED && { failed_at: nameOf(Step, failedAt) }),
    ...(reason && { reason: { code: reason.code, text: reason.text } }),
  };
}

/** The number of what a later node knows. */
function nameOf(names: Readonly<Record<number, string>>, value: number): string {
  return (names[value] ?? String(value)).toLowerCase();
}

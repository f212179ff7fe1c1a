import { operatorAddress } from '../../config/operator-address.js';
import { Node, type NodeInfo, type NodeSync } from '../../gen/edgekeeper/v1/node_pb.js';
import type { CommandContext } from '../command-context.js';
import { type Given, textOf } from '../flags.js';
import { withService } from '../operator-client.js';
import { type CommandResult, keyValues } from '../output.js';
import { inOneLine, secondsText } from '../value-texts.js';
import { activityNames } from './node-pause.js';

/** `node info`: what a node is, what it verifies, what it does, and why it does not work as it should. */
export async function nodeInfo({ clock, env }: CommandContext, given: Given): Promise<CommandResult> {
  const address = operatorAddress(textOf(given, 'grpc-address'), env);
  const info = await withService(Node, address, clock, (client) => client.info({}));
  const rows = [...nodeRows(info), ...chainRows(info), ...workRows(info)];
  const shown = rows.map(([key, value]): [string, string] => [key, inOneLine(value)]);
  return { text: `\n[NODE INFO]\n${keyValues(shown)}\n`, json: infoJson(info) };
}

type Rows = [key: string, value: string][];

function nodeRows({ version, commit, role, uptimeSeconds, libp2pAddress, adapters }: NodeInfo): Rows {
  return [
    ['Version', version],
    ['Commit', commit],
    ['Role', role],
    ['Uptime', secondsText(uptimeSeconds * 1_000n)],
    ['Libp2p Address', libp2pAddress],
    ['Parts', partsOf(adapters).join(', ')],
  ];
}

/** In no order on the wire. */
function partsOf(adapters: NodeInfo['adapters']): string[] {
  return Object.entries(adapters)
    .map((entry) => entry.join('='))
    .sort();
}

function chainRows(info: NodeInfo): Rows {
  const { anchor } = info;
  return [
    ['Chain', info.chainName],
    ['Chain ID', String(info.chainId)],
    ['Engine', info.engine],
    ['Genesis Hash', info.genesisHash],
    ['Genesis', info.genesisTrust],
    ['Verification', info.verification],
    ['Verified From', anchor === undefined ? '' : `${anchor.kind} ${anchor.number} ${anchor.hash}`],
    ['Strict', info.strict ? 'yes' : 'no'],
    ['Oldest Block Kept', String(info.tail)],
  ];
}

function workRows({ peers, sync, paused, degraded }: NodeInfo): Rows {
  return [
    ...(peers === undefined
      ? []
      : ([
          ['Inbound Peers', `${peers.inbound} of ${peers.maxInbound}`],
          ['Outbound Peers', `${peers.outbound} of ${peers.maxOutbound}`],
        ] satisfies Rows)),
    ...(sync === undefined ? [] : syncRows(sync)),
    ['Paused', activityNames(paused).join(', ')],
    ['Degraded', degraded.join('; ')],
  ];
}

function syncRows({ state, currentHeight, highestHeight, peers, ...pace }: NodeSync): Rows {
  const { blocksPerSecond, secondsLeft } = pace;
  return [
    ['Sync', state],
    ['Block', `${currentHeight} of ${highestHeight}`],
    ['Sync Peers', String(peers)],
    ['Blocks A Second', blocksPerSecond === 0 ? '' : blocksPerSecond.toFixed(1)],
    ['Time Left', secondsLeft === undefined ? '' : secondsText(BigInt(Math.round(secondsLeft * 1_000)))],
  ];
}

function infoJson(info: NodeInfo): Record<string, unknown> {
  const { anchor, peers, sync } = info;
  return {
    version: info.version,
    commit: info.commit,
    role: info.role,
    uptime_seconds: info.uptimeSeconds,
    libp2p_address: info.libp2pAddress,
    adapters: info.adapters,
    chain_name: info.chainName,
    chain_id: info.chainId,
    engine: info.engine,
    genesis_hash: info.genesisHash,
    genesis: info.genesisTrust,
    verification: info.verification,
    ...(anchor && { anchor: { kind: anchor.kind, number: anchor.number, hash: anchor.hash } }),
    strict: info.strict,
    tail: info.tail,
    ...(peers && {
      peers: {
        inbound: peers.inbound,
        max_inbound: peers.maxInbound,
        outbound: peers.outbound,
        max_outbound: peers.maxOutbound,
      },
    }),
    ...(sync && { sync: syncJson(sync) }),
    paused: activityNames(info.paused),
    degraded: info.degraded,
  };
}

function syncJson(sync: NodeSync): Record<string, unknown> {
  return {
    state: sync.state,
    starting_height: sync.startingHeight,
    current_height: sync.currentHeight,
    highest_height: sync.highestHeight,
    peers: sync.peers,
    blocks_per_second: sync.blocksPerSecond,
    ...(sync.secondsLeft !== undefined && { seconds_left: sync.secondsLeft }),
  };
}

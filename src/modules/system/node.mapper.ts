import type { MessageInitShape } from '@bufbuild/protobuf';
import { toHex } from '../../common/bytes.js';
import {
  Activity,
  type LimitRowSchema,
  type LogEntrySchema,
  LogLevel,
  type LogLevelsSchema,
  type LogsRequest,
  type NodeInfoSchema,
  type NodeSyncSchema,
} from '../../gen/edgekeeper/v1/node_pb.js';
import type { ChainHead, ChainInfo } from '../blockchain/index.js';
import type { LimitStanding, PeerInfo } from '../network/index.js';
import type { SyncProgress } from '../sync/index.js';
import type { LogEntry, LogEntryLevel, LogLevels, LogThreshold } from '../telemetry/index.js';
import type { NodeFacts } from './ports/node-facts.port.js';

const LEVELS: Readonly<Record<LogThreshold, LogLevel>> = {
  debug: LogLevel.DEBUG,
  info: LogLevel.INFO,
  warn: LogLevel.WARN,
  error: LogLevel.ERROR,
  off: LogLevel.OFF,
};

/** Undefined for UNSPECIFIED. */
export function toThreshold(level: LogLevel): LogThreshold | undefined {
  return (Object.keys(LEVELS) as LogThreshold[]).find((name) => LEVELS[name] === level);
}

export function toLogLevels({ all, modules }: LogLevels): MessageInitShape<typeof LogLevelsSchema> {
  const differing = [...modules].map(([module, level]) => [module, LEVELS[level]] as const);
  return { all: LEVELS[all], modules: Object.fromEntries(differing) };
}

export function toLogEntry({ atMs, level, module, message, fields }: LogEntry): LogEntryInit {
  return { atMs: BigInt(Math.trunc(atMs)), level: LEVELS[level], module, message, fields: { ...fields } };
}

export type LogEntryInit = MessageInitShape<typeof LogEntrySchema>;

/** Whether a reader asked for an entry. */
export function isWanted(
  { level, module, fields }: LogEntry,
  { leastLevel, module: wanted, code }: Pick<LogsRequest, 'leastLevel' | 'module' | 'code'>,
): boolean {
  const least = leastLevel === LogLevel.UNSPECIFIED ? LogLevel.INFO : leastLevel;
  if (rankOf(level) < least) return false;
  if (wanted !== '' && module !== wanted && !module.startsWith(`${wanted}.`)) return false;
  return code === '' || (fields.code?.startsWith(code) ?? false);
}

const rankOf = (level: LogEntryLevel) => LEVELS[level];

export function toLimitRow({
  name,
  used,
  limit,
  refused,
  unit,
}: LimitStanding): MessageInitShape<typeof LimitRowSchema> {
  return { name, used: BigInt(used), limit: BigInt(limit ?? 0), refused: BigInt(refused), unit };
}

/** What a node's parts say of themselves at one moment. */
export interface NodeStanding {
  readonly facts: NodeFacts;
  readonly chain: ChainInfo;
  readonly head: ChainHead | undefined;
  readonly peers: readonly PeerInfo[];
  readonly address: string;
  readonly sync: SyncProgress;
  readonly paused: readonly Activity[];
  readonly uptimeMs: number;
}

export function toNodeInfo(standing: NodeStanding): MessageInitShape<typeof NodeInfoSchema> {
  const { facts, chain, paused, address, uptimeMs } = standing;
  const { anchor } = chain;
  return {
    version: facts.version,
    commit: facts.commit,
    role: facts.role,
    chainName: chain.name,
    chainId: BigInt(chain.chainId),
    engine: chain.engine,
    genesisHash: chain.genesisHash ? toHex(chain.genesisHash) : '',
    genesisTrust: chain.genesisTrust,
    verification: chain.verification,
    strict: chain.isStrict,
    anchor: {
      kind: anchor.kind,
      number: BigInt(anchor.number),
      hash: anchor.hash ? toHex(anchor.hash) : '',
    },
    peers: toNodePeers(standing),
    sync: toNodeSync(standing.sync),
    uptimeSeconds: BigInt(Math.floor(uptimeMs / 1_000)),
    degraded: reasonsOf(standing),
    paused: [...paused],
    tail: BigInt(chain.tail),
    adapters: { ...facts.adapters },
    libp2pAddress: address,
  };
}

/** A peer that both dialed counts as one of ours. */
function toNodePeers({ peers, facts }: NodeStanding) {
  const outbound = peers.filter(({ directions }) => directions.includes('outbound')).length;
  const { maxInboundPeers: maxInbound, maxOutboundPeers: maxOutbound } = facts;
  return { inbound: peers.length - outbound, maxInbound, outbound, maxOutbound };
}

function toNodeSync(progress: SyncProgress): MessageInitShape<typeof NodeSyncSchema> {
  const { state, startingHeight, currentHeight, highestHeight, peers, blocksPerSecond, secondsLeft } =
    progress;
  return {
    ...{ state, peers, blocksPerSecond: blocksPerSecond ?? 0 },
    startingHeight: BigInt(startingHeight),
    currentHeight: BigInt(currentHeight),
    highestHeight: BigInt(highestHeight),
    ...(secondsLeft === undefined ? {} : { secondsLeft }),
  };
}

function reasonsOf({ chain, head }: NodeStanding): string[] {
  return [
    ...(head === undefined ? ['the genesis block is not known yet'] : []),
    ...(chain.degraded === undefined ? [] : [chain.degraded]),
  ];
}

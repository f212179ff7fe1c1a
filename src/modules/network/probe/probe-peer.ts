import { fromBinary, toBinary } from '@bufbuild/protobuf';
import { errorText } from '../../../common/app-error.js';
import type { Clock } from '../../../common/clock.js';
import { SilentLogger } from '../../../common/logger.port.js';
import { type Status, StatusSchema } from '../../../gen/v1/identity_pb.js';
import { SyncPeerStatusSchema } from '../../../gen/v1/syncer_pb.js';
import { PeerProtocolServer } from '../grpc/protocol-server.js';
import { claimedIdFault, helloMethod, judgeHello, statusOf } from '../identity/hello.js';
import { CallRates } from '../limits/call-rates.js';
import type { ResourceLedger } from '../limits/resource-ledger.js';
import type { NetworkConfig } from '../network.config.js';
import { NetworkError } from '../network.errors.js';
import type { PeerHandlers } from '../ports/peer-handlers.port.js';
import type { PeerMethod } from '../ports/peer-protocols.port.js';
import { LinkFailure, type ProbeLink } from '../ports/probe-link.port.js';
import type { ProbedChain, ProbeFault, ProbeStep } from '../ports/prober.port.js';
import type { PeerAddress, PeerId } from '../ports/types.js';
import { StageClock } from './stage-clock.js';

const MAX_STATUS_BYTES = 4_096;

export interface ProbePeerOptions {
  readonly link: ProbeLink;
  readonly config: Pick<NetworkConfig, 'protocols' | 'limits'>;
  readonly ledger: ResourceLedger;
  readonly clock: Clock;
  /** The chain that the peer must be of; undefined: any, and we say that we are of the peer's. */
  readonly chain: ProbedChain | undefined;
  /** Longest that each stage may take, ms. */
  readonly stageTimeoutMs: number;
  readonly onStep: (step: ProbeStep) => void;
}

/**
 * Goes to a peer stage by stage, once, as a temporary dial, and tells how each went. Never rejects for what a peer
 * does; resolves when the connection is closed.
 */
export async function probePeer(address: PeerAddress, options: ProbePeerOptions): Promise<void> {
  const { link, clock, stageTimeoutMs, onStep } = options;
  const stages = new StageClock(clock, stageTimeoutMs, onStep);
  const greeter = new Greeter(options);
  const server = greeter.serve();
  try {
    await link.open(address, (_, found) => stages.passed(found), stages.signal);
    stages.passed(await greeter.greet(address.peerId, stages.signal));
    stages.passed(`height ${await heightOf(address.peerId, options, stages.signal)}`);
  } catch (error) {
    // What fails after a time that was over has been told as that.
    const { fault, reason } = failureOf(error, greeter.told);
    stages.failed(fault, reason);
  } finally {
    await server.stop();
    await link.close();
  }
}

/** Both sides of Hello, as a visitor. */
class Greeter {
  /** What the peer said of itself when it called us. */
  told: Status | undefined;

  constructor(private readonly options: ProbePeerOptions) {}

  /** A peer calls back the moment we connect, and leaves when nobody answers. */
  serve(): PeerProtocolServer {
    const { link, config, ledger, clock } = this.options;
    const handlers: PeerHandlers = {
      find: (service, method) =>
        `${service}/${method}` === 'v1.Identity/Hello'
          ? {
              kind: 'unary',
              maxRequestBytes: MAX_STATUS_BYTES,
              decode: (bytes) => fromBinary(StatusSchema, bytes),
              encode: (status) => toBinary(StatusSchema, status as Status),
              handle: async (request) => {
                this.told = request as Status;
                return this.#status();
              },
            }
          : undefined,
    };
    const server = new PeerProtocolServer({
      host: link,
      handlers,
      services: { [config.protocols.identity]: ['v1.Identity'] },
      ledger,
      rates: new CallRates({ clock, limits: config.limits, onRefused: () => {} }),
      sessionsPerPeer: 4,
      clock,
      log: new SilentLogger(),
    });
    server.start();
    return server;
  }

  async greet(peerId: PeerId, signal: AbortSignal): Promise<string> {
    const { link, config, chain, stageTimeoutMs: timeoutMs } = this.options;
    const method = helloMethod(config.protocols.identity);
    const reply = await link.protocols.call(peerId, method, this.#status(), { signal, timeoutMs });
    const fault = claimedIdFault(peerId, reply);
    if (fault !== undefined) throw fault;
    if (chain !== undefined) judgeHello({ peerId: link.peerId, ...chain }, peerId, reply, true);
    const genesis = reply.genesis === '' ? 'genesis not told' : `genesis ${reply.genesis}`;
    const agent = link.agent();
    return `chain ${reply.chain}, ${genesis}${agent === undefined ? '' : `, runs ${agent}`}`;
  }

  /** Without a chain of ours we are of whatever chain the peer is, so that it does not leave before it answered. */
  #status(): Status {
    const { link, chain } = this.options;
    const chainId = chain?.chainId ?? Number(this.told?.chain ?? 0);
    const genesisHash = chain === undefined ? this.told?.genesis : chain.genesisHash;
    return statusOf({ peerId: link.peerId, chainId, genesisHash }, true);
  }
}

function heightOf(
  peerId: PeerId,
  { link, config, stageTimeoutMs: timeoutMs }: ProbePeerOptions,
  signal: AbortSignal,
): Promise<bigint> {
  const method: PeerMethod<undefined, bigint> = {
    protocol: config.protocols.sync,
    path: '/v1.SyncPeer/GetStatus',
    encode: () => new Uint8Array(),
    decode: (bytes) => fromBinary(SyncPeerStatusSchema, bytes).number,
    maxResponseBytes: MAX_STATUS_BYTES,
  };
  return link.protocols.call(peerId, method, undefined, { signal, timeoutMs });
}

function failureOf(error: unknown, told: Status | undefined): { fault: ProbeFault; reason: string } {
  if (error instanceof LinkFailure) return { fault: error.fault, reason: error.message };
  if (!(error instanceof NetworkError)) return { fault: 'failed', reason: errorText(error) };
  const fault = faultOf(error);
  const chain = fault === 'closed' && told !== undefined ? `; it said that it is of chain ${told.chain}` : '';
  return { fault, reason: `${error.message}${chain}` };
}

function faultOf({ code }: NetworkError): ProbeFault {
  switch (code) {
    case 'NETWORK.CHAIN_MISMATCH':
      return 'other-chain';
    case 'NETWORK.RPC_TIMEOUT':
      return 'timeout';
    case 'NETWORK.PROTOCOL_UNSUPPORTED':
      return 'no-protocol';
    case 'NETWORK.NOT_CONNECTED':
    case 'NETWORK.STREAM_FAILED':
    case 'NETWORK.CONNECTION_CLOSED':
      return 'closed';
    case 'NETWORK.RPC_FAILED':
    case 'NETWORK.BAD_MESSAGE':
    case 'NETWORK.MESSAGE_TOO_LARGE':
    case 'NETWORK.CLAIMED_PEER_ID':
      return 'bad-answer';
    default:
      return 'failed';
  }
}

import type { Clock } from '../../../common/clock.js';
import type { Random } from '../../../common/random.js';
import { createLibp2pProbeLink } from '../adapters/libp2p/libp2p-probe-link.js';
import { ResourceLedger } from '../limits/resource-ledger.js';
import { networkConfigSchema } from '../network.config.js';
import type { ProbedChain, ProbeStep } from '../ports/prober.port.js';
import type { PeerAddress } from '../ports/types.js';
import { probePeer } from './probe-peer.js';

const CONNECT_TIMEOUT_MS = 5_000;
const STAGE_TIMEOUT_MS = 10_000;
const KEY_BYTES = 32;

export interface ProbeOptions {
  readonly chain: ProbedChain | undefined;
  /** What identify says of us. */
  readonly agent: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly onStep: (step: ProbeStep) => void;
  /** Longest that each stage may take, ms. */
  readonly stageTimeoutMs?: number;
}

/**
 * Whether a peer can be reached, without a node: one dial with a key made for it, as a visitor that takes no slot.
 * Each stage is told once, those after a failure as skipped. At most 10 s a stage.
 */
export async function probe(address: PeerAddress, options: ProbeOptions): Promise<void> {
  const { clock, random, agent, stageTimeoutMs = STAGE_TIMEOUT_MS } = options;
  const config = networkConfigSchema.parse({});
  const ledger = new ResourceLedger({ limits: config.limits, onRefused: () => {} });
  const networkKey = random.bytes(KEY_BYTES);
  const connectTimeoutMs = Math.min(CONNECT_TIMEOUT_MS, stageTimeoutMs);
  const link = await createLibp2pProbeLink({ networkKey, agent, clock, ledger, connectTimeoutMs });
  await probePeer(address, { ...options, link, config, ledger, stageTimeoutMs });
}

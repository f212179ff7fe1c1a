/** The stages of reaching a peer, in their order. */
export const PROBE_STAGES = ['resolve', 'connect', 'noise', 'identity', 'yamux', 'hello', 'sync'] as const;

export type ProbeStage = (typeof PROBE_STAGES)[number];

/** Why a stage failed, as far as something can be done about it. */
export type ProbeFault =
  | 'unknown-name'
  | 'refused'
  | 'unreachable'
  | 'timeout'
  | 'closed'
  | 'not-libp2p'
  | 'other-identity'
  | 'no-yamux'
  | 'no-protocol'
  | 'bad-answer'
  | 'other-chain'
  | 'failed';

/** How a stage went. Texts are printable and short, whatever the peer sent. */
export type ProbeStep = { readonly stage: ProbeStage; readonly durationMs: number } & (
  | { readonly outcome: 'ok'; readonly found: string }
  | { readonly outcome: 'failed'; readonly fault: ProbeFault; readonly reason: string }
  | { readonly outcome: 'skipped' }
);

/** What the probe says that we are. */
export interface ProbedChain {
  readonly chainId: number;
  /** Lower-case 0x hex; undefined where it cannot be computed. */
  readonly genesisHash: string | undefined;
}

import type { StreamHandler } from './host.port.js';
import type { PeerProtocols } from './peer-protocols.port.js';
import type { ProbeFault, ProbeStage } from './prober.port.js';
import type { PeerAddress, PeerId, ProtocolId } from './types.js';

/** The stages that lead to a connection. */
export type LinkStage = Extract<ProbeStage, 'resolve' | 'connect' | 'noise' | 'identity' | 'yamux'>;

/** Called as each stage is passed. */
export type OnPassed = (stage: LinkStage, found: string) => void;

/** Why there is no connection; the stage is the one after the last that was passed. */
export class LinkFailure extends Error {
  constructor(
    readonly fault: ProbeFault,
    reason: string,
    cause?: unknown,
  ) {
    super(reason, { cause });
  }
}

/** A host that opens one connection and takes none. */
export interface ProbeLink {
  /** Ours, made for this probe. */
  readonly peerId: PeerId;
  readonly protocols: PeerProtocols;
  /** What the peer says that it runs, once it did. */
  agent(): string | undefined;
  handle(protocol: ProtocolId, handler: StreamHandler): void;
  unhandle(protocol: ProtocolId): void;
  /**
   * Resolves the address and connects to the first place that takes connections.
   * @throws {LinkFailure}
   */
  open(address: PeerAddress, onPassed: OnPassed, signal: AbortSignal): Promise<void>;
  /** Closes the connection and ends the host. May be called at any time, and again. */
  close(): Promise<void>;
}

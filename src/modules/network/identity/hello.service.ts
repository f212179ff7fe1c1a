import { Inject, Injectable } from '@nestjs/common';
import type { Status } from '../../../gen/v1/identity_pb.js';
import { NETWORK_CONFIG, NETWORK_SETUP, type NetworkConfig, type NetworkSetup } from '../network.config.js';
import { HOST, type Host } from '../ports/host.port.js';
import { PEER_PROTOCOLS, type PeerProtocols } from '../ports/peer-protocols.port.js';
import type { PeerId } from '../ports/types.js';
import { ConnectionSlots } from '../slots/connection-slots.js';
import { type HelloVerdict, helloMethod, judgeHello, type OwnIdentity, statusOf } from './hello.js';

/** Says Hello, and knows with whom we exchange but a few words. */
@Injectable()
export class HelloService {
  readonly #temporary = new Set<PeerId>();

  constructor(
    @Inject(HOST) private readonly host: Host,
    @Inject(PEER_PROTOCOLS) private readonly protocols: PeerProtocols,
    @Inject(NETWORK_CONFIG) private readonly config: NetworkConfig,
    @Inject(NETWORK_SETUP) private readonly setup: NetworkSetup,
    private readonly slots: ConnectionSlots,
  ) {}

  /** Longest that a visitor stays for whom there is no slot, ms. */
  get courtesyMs(): number {
    return this.config.courtesyMs;
  }

  /** From now on the peer hears that our connection is a temporary dial. */
  markTemporary(peerId: PeerId): void {
    this.#temporary.add(peerId);
  }

  unmarkTemporary(peerId: PeerId): void {
    this.#temporary.delete(peerId);
  }

  /** Our status as this peer is to see it: temporary when we visit it, and when it has but a courtesy slot. */
  statusFor(peerId: PeerId): Status {
    const isTemporary = this.#temporary.has(peerId) || this.slots.stageOf(peerId) === 'courtesy';
    return statusOf(this.#own(), isTemporary);
  }

  /**
   * Calls the peer's Hello and judges the answer, within `handshakeTimeoutMs`.
   *
   * @throws {NetworkError} those of {@link judgeHello} and of PeerProtocols.call
   */
  async greet(peerId: PeerId, signal: AbortSignal): Promise<HelloVerdict> {
    const status = this.statusFor(peerId);
    const method = helloMethod(this.config.protocols.identity);
    const timeoutMs = this.config.handshakeTimeoutMs;
    const reply = await this.protocols.call(peerId, method, status, { signal, timeoutMs });
    return judgeHello(this.#own(), peerId, reply, status.temporaryDial);
  }

  #own(): OwnIdentity {
    const { chainId, genesisHash } = this.setup;
    return { peerId: this.host.peerId, chainId, genesisHash: genesisHash() };
  }
}

import { Inject, Injectable } from '@nestjs/common';
import type { Status } from '../../../gen/v1/identity_pb.js';
import { NETWORK_CONFIG, NETWORK_SETUP, type NetworkConfig, type NetworkSetup } from '../network.config.js';
import { HOST, type Host } from '../ports/host.port.js';
import { PEER_PROTOCOLS, type PeerProtocols } from '../ports/peer-protocols.port.js';
import type { PeerId } from '../ports/types.js';
import { type HelloVerdict, helloMethod, judgeHello, type OwnIdentity, statusOf } from './hello.js';

/** Says Hello, and knows to whom we are but a short visitor. */
@Injectable()
export class HelloService {
  readonly #temporary = new Set<PeerId>();

  constructor(
    @Inject(HOST) private readonly host: Host,
    @Inject(PEER_PROTOCOLS) private readonly protocols: PeerProtocols,
    @Inject(NETWORK_CONFIG) private readonly config: NetworkConfig,
    @Inject(NETWORK_SETUP) private readonly setup: NetworkSetup,
  ) {}

  /** From now on the peer hears that our connection is a temporary dial. */
  markTemporary(peerId: PeerId): void {
    this.#temporary.add(peerId);
  }

  unmarkTemporary(peerId: PeerId): void {
    this.#temporary.delete(peerId);
  }

  /** Our status as this peer is to see it. */
  statusFor(peerId: PeerId): Status {
    return statusOf(this.#own(), this.#temporary.has(peerId));
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

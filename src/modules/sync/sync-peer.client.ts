import { Inject, Injectable } from '@nestjs/common';
import { PEER_PROTOCOLS, type PeerId, type PeerMethod, type PeerProtocols } from '../network/index.js';
import { SYNC_CONFIG, SYNC_SETUP, type SyncConfig, type SyncSetup } from './sync.config.js';
import { decodeBlock, decodeStatus, encodeEmpty, encodeGetBlocks } from './sync-peer.codec.js';

/** Tag and length around a block, rounded up. */
const BLOCK_OVERHEAD_BYTES = 16;

/** A status has 11 bytes; the rest is for fields we do not know. */
export const MAX_STATUS_BYTES = 64;

/**
 * `/v1.SyncPeer` of other nodes. Failures are NetworkErrors.
 * @see polygon-edge@597a0f3 syncer/client.go
 */
@Injectable()
export class SyncPeerClient {
  private readonly getStatusMethod: PeerMethod<undefined, bigint>;
  private readonly getBlocksMethod: PeerMethod<number, Uint8Array>;

  constructor(
    @Inject(PEER_PROTOCOLS) private readonly protocols: PeerProtocols,
    @Inject(SYNC_CONFIG) private readonly config: SyncConfig,
    @Inject(SYNC_SETUP) { protocol, maxBlockBytes }: Pick<SyncSetup, 'protocol' | 'maxBlockBytes'>,
  ) {
    this.getStatusMethod = {
      protocol,
      path: '/v1.SyncPeer/GetStatus',
      encode: encodeEmpty,
      decode: decodeStatus,
      maxResponseBytes: MAX_STATUS_BYTES,
    };
    this.getBlocksMethod = {
      protocol,
      path: '/v1.SyncPeer/GetBlocks',
      encode: encodeGetBlocks,
      decode: decodeBlock,
      maxResponseBytes: maxBlockBytes + BLOCK_OVERHEAD_BYTES,
    };
  }

  /** The height that the peer claims, unchecked. */
  getStatus(peerId: PeerId, signal: AbortSignal): Promise<bigint> {
    const timeoutMs = this.config.statusTimeoutMs;
    return this.protocols.call(peerId, this.getStatusMethod, undefined, { signal, timeoutMs });
  }

  /** Raw blocks from a height up to the peer's head, unchecked. */
  getBlocks(peerId: PeerId, from: number, signal: AbortSignal): AsyncIterable<Uint8Array> {
    const idleTimeoutMs = this.config.blockTimeoutMs;
    return this.protocols.stream(peerId, this.getBlocksMethod, from, { signal, idleTimeoutMs });
  }

  /** One raw block, unchecked; undefined when the peer's head is below it. */
  async getBlock(peerId: PeerId, number: number, signal: AbortSignal): Promise<Uint8Array | undefined> {
    for await (const block of this.getBlocks(peerId, number, signal)) return block;
    return undefined;
  }
}

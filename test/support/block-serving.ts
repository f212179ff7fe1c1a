import { lastValueFrom } from 'rxjs';
import { SystemClock } from '../../src/common/clock.js';
import { SilentLogger } from '../../src/common/logger.port.js';
import { NoMetrics } from '../../src/common/metrics.port.js';
import type { Chain } from '../../src/modules/blockchain/index.js';
import { createLibp2pHost } from '../../src/modules/network/adapters/libp2p/libp2p-host.js';
import { ClientCall } from '../../src/modules/network/grpc/client-call.js';
import { PeerProtocolServer } from '../../src/modules/network/grpc/protocol-server.js';
import { type FinishedCall } from '../../src/modules/network/grpc/stream-server.js';
import type { Host } from '../../src/modules/network/ports/host.port.js';
import type { PeerStreamCall } from '../../src/modules/network/ports/peer-handlers.port.js';
import { BlockShares } from '../../src/modules/sync/block-shares.js';
import { createSyncMetrics } from '../../src/modules/sync/sync.metrics.js';
import { decodeBlock, encodeBlock, encodeGetBlocks } from '../../src/modules/sync/sync-peer.codec.js';
import { SyncPeerController } from '../../src/modules/sync/sync-peer.controller.js';
import { addressOf, dial } from '../contract/host-fleet.js';
import type { Cleanups } from './cleanups.js';
import { aHostContext } from './host-context.js';
import { peerLimits } from './peer-limits.js';

const SYNC = '/syncer/0.2';
const GET_BLOCKS = '/v1.SyncPeer/GetBlocks';

/** Blocks of one size, up to a height. */
export function chainOf(height: number, blockBytes: number): Pick<Chain, 'head' | 'rawBlocks'> {
  const block = Buffer.alloc(blockBytes, 0x5a);
  return {
    head: () => ({ number: height, hash: new Uint8Array(32), timestamp: 0n }),
    rawBlocks: async (from, { maxCount, maxBytes }) => {
      const most = Math.max(1, Math.min(maxCount, Math.floor(maxBytes / blockBytes)));
      return Array.from({ length: Math.min(most, height + 1 - from) }, () => block);
    },
  };
}

/** A node that serves its blocks over real sockets, with the default limits but for those given. */
export async function blockServer(
  cleanups: Cleanups,
  chain: Pick<Chain, 'head' | 'rawBlocks'>,
  settings: object = {},
) {
  const clock = new SystemClock();
  const { ledger, rates, refused, limits } = peerLimits(clock, settings);
  const host = await createLibp2pHost(aHostContext(1, { ledger, config: { limits: settings } }));
  const shares = new BlockShares({
    clock,
    streamsPerPeer: limits.blockStreamsPerPeer,
    bytesInFlight: limits.blockBytesInFlight,
    maxReadBytes: 4 * 1_024 * 1_024,
    onRefused: (reason) => refused.push(reason),
  });
  const controller = new SyncPeerController(chain as Chain, shares, createSyncMetrics(new NoMetrics()), {
    announcePruned: false,
  });
  const finished: FinishedCall[] = [];
  const server = new PeerProtocolServer({
    host,
    handlers: {
      find: () => ({
        kind: 'server-stream',
        decode: (bytes) => ({ from: BigInt(bytes[1] ?? 0) }),
        encode: encodeBlock as (message: unknown) => Uint8Array,
        maxRequestBytes: 100,
        handle: (request, call: PeerStreamCall) =>
          lastValueFrom(controller.getBlocks(request as never, undefined, call), {
            defaultValue: undefined as never,
          }),
      }),
    },
    services: { [SYNC]: ['v1.SyncPeer'] },
    ledger,
    rates,
    sessionsPerPeer: limits.streamsPerProtocol,
    clock,
    log: new SilentLogger(),
    onCallFinished: (call) => finished.push(call),
  });
  server.start();
  await host.start();
  cleanups.add(async () => {
    await server.stop();
    await host.stop();
  });
  return { host, server, shares, ledger, refused, finished };
}

/** A peer of that node, connected. `n` tells peers apart; 1 is the node itself. */
export async function blockReader(cleanups: Cleanups, n: number, node: Host) {
  const clock = new SystemClock();
  // Its own limits are not what is looked at.
  const host = await createLibp2pHost(aHostContext(n, { config: { limits: { streamsPerProtocol: 1_000 } } }));
  cleanups.add(() => host.stop());
  await host.start();
  await dial(host, addressOf(node));
  /** GetBlocks on a stream of its own, which is left open as Go leaves its. */
  const getBlocks = async (from: number) => {
    const { signal } = new AbortController();
    return new ClientCall(await host.openStream(node.peerId, SYNC, { signal }), {
      peerId: node.peerId,
      method: {
        protocol: SYNC,
        path: GET_BLOCKS,
        encode: encodeGetBlocks,
        decode: decodeBlock,
        maxResponseBytes: 8 * 1_024 * 1_024,
      },
      request: from,
      userAgent: 'grpc-go/1.60.1',
      clock,
      memory: { resize: () => {}, release: () => {} },
    });
  };
  return { host, getBlocks };
}

import type { GossipSub } from '@libp2p/gossipsub';
import type { Connection, PeerId as Libp2pPeerId } from '@libp2p/interface';
import { errorFields } from '../../../../common/app-error.js';
import { GossipOffences } from '../../gossip/gossip-offences.js';
import type { HostContext } from '../../host-context.js';
import type { PeerId } from '../../ports/types.js';
import { BadFrame } from './frame-assembler.js';
import { BadRpc } from './gossip-envelope.js';
import { GossipInlet } from './gossip-inlet.js';
import { type GossipRouter, routerOf } from './gossip-router.js';
import { verifyNatively } from './gossip-verification.js';
import { nativeVerify } from './native-signatures.js';
import { readFrames } from './read-frames.js';

/** RPCs that may wait for a neighbour that does not read, before it gets no more messages. */
const OUTBOUND_RPCS = 2;

/**
 * Puts guards around the library where it trusts its neighbours: how it reads, what it computes, keeps and sends for
 * them. See each one for what would happen without.
 */
export function guarded(
  gossip: GossipSub,
  { config, clock, log, metrics, onMisbehaviour }: HostContext,
): GossipSub {
  const router = routerOf(gossip);
  const offences = new GossipOffences(clock, onMisbehaviour);
  const { gossipDropped: dropped } = metrics;
  const { maxMessageBytes } = config.gossip;
  const inlet = new GossipInlet({ router, clock, limits: config.gossip, dropped, offences });
  guardReading(router, inlet, maxMessageBytes, (neighbour, error) => {
    const isTheirs = error instanceof BadFrame || error instanceof BadRpc;
    if (!isTheirs) return log.error('handling gossip failed', errorFields(error));
    dropped('other', error.fault);
    offences.add(neighbour, `sent an RPC that is ${error.fault}`);
  });
  const verify = nativeVerify();
  if (verify !== undefined) verifyNatively(router, verify);
  guardVerdicts(router, offences, dropped);
  guardSubscriptions(router, offences);
  guardOpening(router);
  guardSending(router, maxMessageBytes, dropped);
  guardScores(router);
  return gossip;
}

type Dropped = HostContext['metrics']['gossipDropped'];

/** The library reads without backpressure, keeps a frame in as many pieces as it came, and reads streams it replaced. */
function guardReading(
  router: GossipRouter,
  inlet: GossipInlet,
  maxFrameBytes: number,
  onFault: (neighbour: PeerId, error: unknown) => void,
): void {
  router.createInboundStream = (peerId, stream) => {
    const neighbour = peerId.toString() as PeerId;
    if (!router.peers.has(neighbour)) return stream.abort(new Error('no neighbour'));
    // As go-libp2p-pubsub does: the newer one counts.
    void router.streamsInbound.get(neighbour)?.close();
    const inbound = { close: async () => stream.abort(new Error('gossip stream replaced or ended')) };
    router.streamsInbound.set(neighbour, inbound);
    readFrames(stream, {
      maxFrameBytes,
      onFrame: (frame) => inlet.receive(peerId, frame),
      onFault: (error) => {
        if (router.streamsInbound.get(neighbour) === inbound) router.onPeerDisconnected(peerId);
        onFault(neighbour, error);
      },
    });
  };
}

/**
 * A rejected message costs the neighbour that brought it only. The library would blame all those too that relay it
 * later, which Go peers do as they have no validators.
 */
function guardVerdicts(router: GossipRouter, offences: GossipOffences, dropped: Dropped): void {
  const validate = router.validateReceivedMessage.bind(router);
  router.validateReceivedMessage = async (from, message) => {
    const result = await validate(from, message);
    if (result.code !== 'invalid') return result;
    const { reason } = result;
    const neighbour = from.toString() as PeerId;
    dropped(message.topic, reason === 'error' ? 'bad-signature' : 'validator');
    if (reason === 'error') offences.add(neighbour, 'forwards a message with a bad signature');
    if (reason !== 'reject') return result;
    router.score.rejectInvalidMessage(neighbour, message.topic);
    offences.add(neighbour, 'sends messages that its topic has no use for');
    return { ...result, reason: 'ignore' };
  };
}

/** Topics beyond the budget are ignored by the library; no honest neighbour has as many. */
function guardSubscriptions(router: GossipRouter, offences: GossipOffences): void {
  const subscribe = router.handleReceivedSubscription.bind(router);
  router.handleReceivedSubscription = (from, topic, isSubscribed) => {
    const isKept = subscribe(from, topic, isSubscribed);
    if (!isKept) offences.add(from.toString() as PeerId, 'joins more topics than are kept');
    return isKept;
  };
}

/** The library opens one stream at a time: a neighbour that does not answer would keep all others waiting, 10 s each time. */
function guardOpening(router: GossipRouter): void {
  const create = router.createOutboundStream.bind(router);
  /** What each neighbour waits for, while one is being opened. */
  const opening = new Map<string, Connection | undefined>();
  const open = async (peerId: Libp2pPeerId, connection: Connection): Promise<void> => {
    const id = peerId.toString();
    try {
      for (let next: Connection | undefined = connection; next !== undefined; next = opening.get(id)) {
        opening.set(id, undefined);
        await create(peerId, next);
      }
    } finally {
      opening.delete(id);
    }
  };
  router.createOutboundStream = async (peerId, connection) => {
    const id = peerId.toString();
    if (opening.has(id)) opening.set(id, connection);
    else void open(peerId, connection);
  };
}

/** The library resets the stream to a neighbour that is slow to read, and never opens it again; Go peers skip messages. */
function guardSending(router: GossipRouter, maxMessageBytes: number, dropped: Dropped): void {
  const send = router.sendRpc.bind(router);
  router.sendRpc = (peerId, rpc) => {
    const waiting = router.streamsOutbound.get(peerId)?.rawStream.writeBufferLength ?? 0;
    if (rpc.messages.length === 0 || waiting <= OUTBOUND_RPCS * maxMessageBytes) return send(peerId, rpc);
    for (const { topic } of rpc.messages) {
      dropped(router.subscriptions.has(topic) ? topic : 'other', 'queue-full');
    }
    return false;
  };
  // An answer to IWANT is one RPC, which must not be larger than a peer takes.
  const answer = router.handleIWant.bind(router);
  router.handleIWant = (peerId, iwant) => {
    let bytes = 0;
    return answer(peerId, iwant).filter(({ data }) => {
      bytes += (data?.length ?? 0) + ENVELOPE_BYTES;
      return bytes <= maxMessageBytes;
    });
  };
}

/** What a message has besides its data, bytes, at most. */
const ENVELOPE_BYTES = 1_024;

/** The library forgets which addresses a returning peer had, and never removes it from their lists. */
function guardScores({ score }: GossipRouter): void {
  const add = score.addPeer.bind(score);
  score.addPeer = (peerId) => {
    for (const ip of [...(score.peerStats.get(peerId)?.knownIPs ?? [])]) score.removeIP(peerId, ip);
    add(peerId);
  };
}

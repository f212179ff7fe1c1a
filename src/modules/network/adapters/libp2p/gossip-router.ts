import type { GossipSub, SignedMessage, TopicValidatorFn } from '@libp2p/gossipsub';
import type { RPC } from '@libp2p/gossipsub/message';
import type { PeerScoreParams } from '@libp2p/gossipsub/score';
import type { Connection, PeerId as Libp2pPeerId, Stream } from '@libp2p/interface';

/** What became of a message: `error` is a bad signature, the other reasons are the validator's words. */
type MessageResult =
  | { readonly code: 'duplicate'; readonly msgIdStr: string }
  | {
      readonly code: 'invalid';
      readonly reason: 'error' | 'ignore' | 'reject';
      readonly msgIdStr?: string | undefined;
    }
  | {
      readonly code: 'valid';
      readonly messageId: { readonly msgId: Uint8Array; readonly msgIdStr: string };
      readonly msg: SignedMessage;
    };

/**
 * The parts of the library that its public face lacks. It has no options for what is done with them here; a spec
 * asserts that each of them is there.
 */
export interface GossipRouter {
  readonly peers: ReadonlyMap<string, Libp2pPeerId>;
  readonly subscriptions: ReadonlySet<string>;
  readonly mesh: ReadonlyMap<string, ReadonlySet<string>>;
  readonly streamsInbound: Map<string, { close(): Promise<void> }>;
  readonly streamsOutbound: ReadonlyMap<string, { readonly rawStream: Stream }>;
  readonly topicValidators: ReadonlyMap<string, TopicValidatorFn>;
  /** IDs of the messages that were verified, for two minutes. */
  readonly seenCache: { has(messageId: string): boolean; put(messageId: string): void };
  readonly gossipTracer: { deliverMessage(messageId: string): void };
  readonly opts: { readonly scoreParams: PeerScoreParams; readonly idontwantMinDataSize: number };
  readonly score: {
    readonly peerStats: ReadonlyMap<
      string,
      { readonly behaviourPenalty: number; readonly knownIPs: ReadonlySet<string> }
    >;
    score(peerId: string): number;
    addPeer(peerId: string): void;
    removeIP(peerId: string, ip: string): void;
    addPenalty(peerId: string, penalty: number, label: string): void;
    rejectInvalidMessage(peerId: string, topic: string): void;
  };
  onPeerDisconnected(peerId: Libp2pPeerId): void;
  createInboundStream(peerId: Libp2pPeerId, stream: Stream): void;
  createOutboundStream(peerId: Libp2pPeerId, connection: Connection): Promise<void>;
  decodeRpc(bytes: Uint8Array): RPC;
  handleReceivedRpc(from: Libp2pPeerId, rpc: RPC): Promise<void>;
  handleReceivedSubscription(from: Libp2pPeerId, topic: string, subscribe: boolean): boolean;
  handleReceivedMessage(from: Libp2pPeerId, message: RPC.Message): Promise<void>;
  validateReceivedMessage(from: Libp2pPeerId, message: RPC.Message): Promise<MessageResult>;
  handleIWant(peerId: string, iwant: RPC.ControlIWant[]): RPC.Message[];
  sendIDontWants(messageId: Uint8Array, topic: string, source: string): void;
  sendRpc(peerId: string, rpc: RPC): boolean;
}

export function routerOf(gossip: GossipSub): GossipRouter {
  return gossip as unknown as GossipRouter;
}

import type { GossipSub } from '@libp2p/gossipsub';
import type { PeerId as Libp2pPeerId } from '@libp2p/interface';
import type { Allowances } from './allowances.js';

/**
 * Behaviour penalty of one message too many. The penalty counts squared, times ten, and four fifths of it are forgotten
 * each second: about 280 in a second and the neighbour is not heard for a while, a tenth of that costs it hardly a point.
 */
const PENALTY = 0.01;

/** The parts of the router that its public face lacks. */
interface Router {
  handleReceivedMessage(from: Libp2pPeerId, message: unknown): Promise<void>;
  readonly score: { addPenalty(peerId: string, penalty: number, label: string): void };
}

/**
 * Drops what a neighbour sends beyond its allowance before anything is computed for it, and lowers its score.
 * Without this a neighbour could keep us busy with valid messages of authors that it made up.
 *
 * The library has no option for this: its own limits count RPCs, and validators run after the signature check.
 */
export function limitInbound(gossip: GossipSub, allowances: Allowances, onDropped: () => void): GossipSub {
  const router = gossip as unknown as Router;
  const handle = router.handleReceivedMessage.bind(router);
  router.handleReceivedMessage = async (from, message) => {
    const neighbour = from.toString();
    if (allowances.take(neighbour)) return handle(from, message);
    router.score.addPenalty(neighbour, PENALTY, 'excess messages');
    onDropped();
  };
  return gossip;
}

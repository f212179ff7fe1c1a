import {
  createTopicScoreParams,
  type PeerScoreParams,
  type PeerScoreThresholds,
} from '@libp2p/gossipsub/score';

/** Misbehaviour that is forgiven: promises that a busy Go peer breaks, about one a second. */
export const BEHAVIOUR_TOLERANCE = 6;
/** Below it nothing of the neighbour is read. */
export const GRAYLIST_SCORE = -80;
/** Neighbours at one address that all may be in the mesh. */
const NEIGHBOURS_PER_ADDRESS = 10;

export const SCORE_THRESHOLDS: PeerScoreThresholds = {
  gossipThreshold: -10,
  publishThreshold: -50,
  graylistThreshold: GRAYLIST_SCORE,
  // No score is above zero: nobody's peers are taken.
  acceptPXThreshold: Number.MAX_SAFE_INTEGER,
  opportunisticGraftThreshold: 0,
};

/** Bad messages of a neighbour, squared, lower its score; nine in short order and it is not heard any more. */
export const TOPIC_SCORE = createTopicScoreParams({
  topicWeight: 1,
  timeInMeshWeight: 0,
  firstMessageDeliveriesWeight: 0,
  meshMessageDeliveriesWeight: 0,
  meshFailurePenaltyWeight: 0,
  invalidMessageDeliveriesWeight: -1,
  invalidMessageDeliveriesDecay: 0.97,
});

/**
 * Nothing raises a score: what is easily earned, such as being first with messages that one made oneself, would pay for
 * misbehaviour. Misbehaviour is forgotten by a fifth each second, bad messages by 3 %.
 */
export function peerScoreParams(isLoopbackExempt: boolean): Partial<PeerScoreParams> {
  return {
    behaviourPenaltyWeight: -10,
    behaviourPenaltyThreshold: BEHAVIOUR_TOLERANCE,
    behaviourPenaltyDecay: 0.8,
    // Out of the mesh, but heard: networks behind one gateway share its address.
    IPColocationFactorThreshold: NEIGHBOURS_PER_ADDRESS,
    IPColocationFactorWeight: -0.001,
    IPColocationFactorWhitelist: isLoopbackExempt ? new Loopback() : new Set(),
    // The library begins anew with one that returns; the network layer's own scores remember.
    retainScore: 10_000,
  };
}

/** All addresses of the loopback interface, of which there are too many to list. */
class Loopback extends Set<string> {
  override has(ip: string): boolean {
    return ip === '::1' || ip.startsWith('127.') || ip.startsWith('::ffff:127.');
  }
}

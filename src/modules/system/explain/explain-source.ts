import { type Answer, type Cause, moment, type PeerFacts, reason, span } from './explanation.js';

/** Whether blocks are being read from the peer; if not, why. */
export function explainSource(facts: PeerFacts): Answer {
  const { view, head } = facts;
  if (view.isSource) {
    const text = `blocks are being read from it: it claims ${view.claimedHeight ?? 'no height'}, we have ${head}`;
    return { yes: true, causes: [reason('PEER.SOURCE', text, { subject: heightText(view.claimedHeight) })] };
  }
  return { yes: false, causes: whyNot(facts) };
}

function whyNot(facts: PeerFacts): readonly Cause[] {
  const { info, standing, view, progress, head, nowMs } = facts;
  if (standing.isSelf) return [reason('PEER.IS_SELF', 'it is this node')];
  if (info === undefined) return [reason('PEER.NOT_CONNECTED', 'it is not connected'), ...lastFault(facts)];
  if (progress.state === 'stopped') return [reason('PEER.SYNC_STOPPED', 'sync is stopped')];
  if (progress.state === 'paused') {
    return [reason('PEER.SYNC_PAUSED_BY_OPERATOR', 'nobody is asked: an operator paused sync')];
  }
  if (view.pausedMs > 0) {
    const text = `nobody is asked for ${span(view.pausedMs)}: our own store failed`;
    return [reason('PEER.SYNC_PAUSED', text, { atMs: nowMs + view.pausedMs })];
  }
  if (view.skippedMs > 0) {
    const text = `it is not asked for ${span(view.skippedMs)}, as it failed`;
    return [reason('PEER.SKIPPED', text, { atMs: nowMs + view.skippedMs }), ...lastFault(facts)];
  }
  if (view.isSetAside) {
    return [reason('PEER.SET_ASIDE', 'something is being found out about its blocks'), ...lastFault(facts)];
  }
  const { claimedHeight } = view;
  const subject = heightText(claimedHeight);
  if (claimedHeight === undefined) {
    return [
      reason('PEER.HEIGHT_UNKNOWN', 'it made no claim of a height that we believe'),
      ...lastFault(facts),
    ];
  }
  if (claimedHeight <= head) {
    const text = `its height ${claimedHeight} is ${claimedHeight === head ? 'ours' : `below ours, ${head}`}`;
    return [reason('PEER.NOT_AHEAD', text, { subject })];
  }
  if (progress.state === 'syncing') {
    const text = `${progress.peers} others are read from, and ${view.betterPeers} would be asked before it`;
    return [reason('PEER.OTHERS_FIRST', text, { subject }), ...lastFault(facts)];
  }
  return [reason('PEER.ABOUT_TO_BE_ASKED', `it claims ${claimedHeight} and is asked next`, { subject })];
}

function lastFault({ view: { lastFault } }: PeerFacts): readonly Cause[] {
  if (lastFault === undefined) return [];
  const { code, message, atMs } = lastFault;
  return [{ code, text: `it failed at ${moment(atMs)}: ${message}`, atMs }];
}

const heightText = (height: number | undefined) => height?.toString();

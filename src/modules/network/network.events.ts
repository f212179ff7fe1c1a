import type { NetworkError } from './network.errors.js';
import type { Ban, BanTarget } from './ports/peer-store.port.js';
import type { Direction, PeerAddress, PeerId } from './ports/types.js';

/**
 * Facts about peers, in the order they happened.
 *
 * - `peer:dial-queued`: a dial was queued (not when an entry of equal or better priority was there).
 * - `peer:dial-failed`: a dial that we began ended without a connection, or one that was queued was given up because of a ban
 *   or a removal.
 * - `peer:handshake-failed`: a connection came up and the handshake did not; the connection is being closed. Not for temporary dials that ended well,
 *   nor for peers that come in by themselves while they are quarantined or their score is too low.
 * - `peer:connected`: the handshake is done and the peer is in the table. Once per peer, also when a second connection follows.
 * - `peer:disconnected`: the peer left the table, which it does when its last connection closes. Always after `peer:connected`.
 *   `cause` is ours when we closed it, else NETWORK.CONNECTION_CLOSED.
 * - `peer:dial-started`: a dial left the queue and begins. Not for visits to bootnodes, which never are peers.
 * - `peer:score-lowered`: a fault cost the peer points; `score` is what is left. Not for faults that cost nothing.
 * - `peer:quarantined`: the peer is on another chain and is left alone until `untilMs`. Once per quarantine.
 * - `peer:banned`, `peer:unbanned`: a ban began, or was lifted by hand. Not when it runs out. Its connections close after the event.
 * - `peer:pinned`: what an operator wants of the peer changed.
 */
export type PeerEvent =
  | {
      readonly type: 'peer:dial-queued';
      readonly address: PeerAddress;
      readonly priority: number;
      readonly atMs: number;
    }
  | {
      readonly type: 'peer:dial-failed';
      readonly peerId: PeerId;
      readonly error: NetworkError;
      readonly atMs: number;
    }
  | {
      readonly type: 'peer:handshake-failed';
      readonly peerId: PeerId;
      readonly direction: Direction;
      readonly error: NetworkError;
      readonly atMs: number;
    }
  | {
      readonly type: 'peer:connected';
      readonly peerId: PeerId;
      readonly direction: Direction;
      readonly atMs: number;
    }
  | {
      readonly type: 'peer:disconnected';
      readonly peerId: PeerId;
      readonly cause: NetworkError;
      readonly atMs: number;
    }
  | {
      readonly type: 'peer:dial-started';
      readonly address: PeerAddress;
      readonly atMs: number;
    }
  | {
      readonly type: 'peer:score-lowered';
      readonly peerId: PeerId;
      readonly error: NetworkError;
      readonly points: number;
      readonly score: number;
      readonly atMs: number;
    }
  | {
      readonly type: 'peer:quarantined';
      readonly peerId: PeerId;
      readonly error: NetworkError;
      readonly untilMs: number;
      readonly atMs: number;
    }
  | { readonly type: 'peer:banned'; readonly ban: Ban; readonly atMs: number }
  | { readonly type: 'peer:unbanned'; readonly target: BanTarget; readonly atMs: number }
  | {
      readonly type: 'peer:pinned';
      readonly peerId: PeerId;
      readonly isTrusted: boolean;
      readonly isStatic: boolean;
      readonly atMs: number;
    };

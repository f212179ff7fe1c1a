import type { NetworkError } from './network.errors.js';
import type { Direction, PeerAddress, PeerId } from './ports/types.js';

/**
 * Facts about peers, in the order they happened.
 *
 * - `peer:dial-queued`: a dial was queued (not when an entry of equal or better priority was there).
 * - `peer:dial-failed`: a dial that we began ended without a connection.
 * - `peer:handshake-failed`: a connection came up and the handshake did not; the connection is being closed. Not for temporary dials that ended well.
 * - `peer:connected`: the handshake is done and the peer is in the table. Once per peer, also when a second connection follows.
 * - `peer:disconnected`: the peer left the table, which it does when its last connection closes. Always after `peer:connected`.
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
    };

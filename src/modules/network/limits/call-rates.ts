import { Allowances } from '../../../common/allowances.js';
import type { Clock } from '../../../common/clock.js';
import type { NetworkLimits } from '../network.config.js';
import { NetworkError } from '../network.errors.js';
import type { PeerId, ProtocolId } from '../ports/types.js';

/** How far ahead a call's turn may lie, ms. Whoever waits for one answer before the next call never gets there. */
const MAX_WAIT_MS = 1_000;

/** Streams for each call that a peer may make: one, and as many again that carry none. */
const STREAMS_PER_CALL = 2;

/**
 * HTTP/2 frames of one peer on all its sessions: several times what a Go client sends that reads blocks at full speed
 * (two WINDOW_UPDATE per 16 KiB at the least windows, now and then a PING). Bounds what floods of PING, SETTINGS,
 * RST_STREAM, PRIORITY and one-byte DATA cost.
 */
const FRAME_RATE = { burst: 50_000, perSecond: 20_000 };

/**
 * Refusals of one peer that count as faults of its own: a moment's flood is not thousands of them, and who goes on is
 * out after five seconds (at -20 points, one each).
 */
export const TOLD_REFUSALS = { burst: 10, perSecond: 2 };

export interface CallRatesOptions {
  readonly clock: Clock;
  readonly limits: Pick<NetworkLimits, 'callsPerSecond' | 'callBurst'>;
  /** Told of some of the refusals, all of them the peer's own fault. */
  onRefused(peerId: PeerId, error: NetworkError): void;
}

/**
 * How often a peer may call, open a stream for calls, and send HTTP/2 frames. What it has used up it does not win back
 * by a new stream or connection.
 * @remarks Differs: the Go client limits none of these.
 */
export class CallRates {
  readonly #calls: Allowances;
  readonly #streams: Allowances;
  readonly #frames: Allowances;
  readonly #told: Allowances;
  readonly #onRefused: CallRatesOptions['onRefused'];

  constructor({ clock, limits, onRefused }: CallRatesOptions) {
    const { callBurst: burst, callsPerSecond: perSecond } = limits;
    this.#calls = new Allowances(clock, { burst, perSecond });
    this.#streams = new Allowances(clock, {
      burst: STREAMS_PER_CALL * burst,
      perSecond: STREAMS_PER_CALL * perSecond,
    });
    this.#frames = new Allowances(clock, FRAME_RATE);
    this.#told = new Allowances(clock, TOLD_REFUSALS);
    this.#onRefused = onRefused;
  }

  /**
   * Time until the call may run, ms.
   * @param path One that is served, or a stand-in for all others.
   * @throws {NetworkError} NETWORK.RATE_LIMITED
   */
  takeTurn(peerId: PeerId, path: string): number {
    const waitMs = this.#calls.takeInTurn(`${peerId} ${path}`, MAX_WAIT_MS);
    if (waitMs === undefined) throw this.#refused(peerId, path);
    return waitMs;
  }

  /** False when the peer opens streams too fast. */
  takeStream(peerId: PeerId, protocol: ProtocolId): boolean {
    const isGranted = this.#streams.take(`${peerId} ${protocol}`);
    if (!isGranted) this.#refused(peerId, protocol);
    return isGranted;
  }

  /** @throws {NetworkError} NETWORK.RATE_LIMITED */
  takeFrames(peerId: PeerId, count: number): void {
    if (!this.#frames.take(peerId, count)) throw this.#refused(peerId, 'frames');
  }

  #refused(peerId: PeerId, path: string): NetworkError {
    const error = new NetworkError({ code: 'NETWORK.RATE_LIMITED', peerId, path });
    if (this.#told.take(peerId)) this.#onRefused(peerId, error);
    return error;
  }
}

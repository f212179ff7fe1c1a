import { setTimeout as pause } from 'node:timers/promises';
import type { Attack } from './attack.js';
import { Child } from './child.js';
import { type Link, type PeerOptions, WirePeer } from './wire/peer.js';

const VICTIM = 'test/attack/victim.mjs';
/** Between two attempts of a peer that insists, ms. */
const REST_MS = 500;
export const MEGABYTE = 1_024 * 1_024;

/** A connection of the victim, as its inspection shows it. */
export interface SeenConnection {
  readonly id: string;
  readonly peerId: string;
  readonly direction: 'inbound' | 'outbound';
  readonly remote: string;
}

/** How an honest peer fared. */
export interface Service {
  readonly calls: number;
  readonly failures: number;
  readonly longestMs: number;
}

/** What an attack has at hand: a victim in its own process, and what it measures there. */
export class Arena {
  readonly peerId: string;
  readonly port: number;
  readonly #peers: WirePeer[] = [];

  private constructor(
    readonly victim: Child,
    /** Multiaddr with `/p2p`. */
    readonly address: string,
    readonly honest: Child,
    /** 1 = as the limits say; less for a quick look. */
    readonly scale: number,
  ) {
    this.peerId = address.split('/').at(-1) ?? '';
    this.port = Number(address.split('/')[4]);
  }

  static async start({ victim = {} }: Attack, honest: Child, scale: number): Promise<Arena> {
    const { child, ready } = await Child.start(VICTIM, victim);
    return new Arena(child, ready, honest, scale);
  }

  /** So many, or fewer where the run is scaled down. */
  count(full: number): number {
    return Math.max(1, Math.round(full * this.scale));
  }

  /** A peer that is closed when the attack is over. */
  peer(options: PeerOptions = {}): WirePeer {
    const peer = new WirePeer(options);
    this.#peers.push(peer);
    return peer;
  }

  /** A connection to the victim from an address of its own. */
  join(peer: WirePeer, from?: string): Promise<Link> {
    return peer.dial({ port: this.port, ...(from && { from }) });
  }

  /** A peer that connects again whenever it is thrown out, until the signal aborts. Never rejects. */
  async insist(nextPeer: () => WirePeer, from: string, signal: AbortSignal): Promise<void> {
    const rest = () => pause(REST_MS, undefined, { signal }).catch(() => undefined);
    while (!signal.aborted) {
      const link = await this.join(nextPeer(), from).catch(() => undefined);
      while (link && !link.connection.isClosed && !signal.aborted) await rest();
      await rest();
    }
  }

  ask<Answer>(question: string, value?: unknown): Promise<Answer> {
    return this.victim.ask<Answer>(question, value);
  }

  /**
   * Bytes that the victim held more at the worst moment of the work than before it: of private memory (RssAnon), or of
   * buffers alone.
   */
  async growth(work: () => Promise<unknown>, kind: 'private' | 'buffers' = 'private'): Promise<number> {
    const before = await this.ask<number>('memory', kind);
    await this.ask('watchMemory', kind);
    await work();
    return (await this.ask<number>('peakMemory', kind)) - before;
  }

  /** How much of one core the victim used while the work went on; 1 is all of it. */
  async cpuShare(work: () => Promise<unknown>): Promise<number> {
    const startedAt = performance.now();
    const before = await this.ask<number>('cpuMs');
    await work();
    const used = (await this.ask<number>('cpuMs')) - before;
    return used / (performance.now() - startedAt);
  }

  /** Longest time that the victim's event loop was held during the work, ms. */
  async stall(work: () => Promise<unknown>): Promise<number> {
    await this.ask('watchStalls');
    await work();
    return this.ask<number>('longestStall');
  }

  /** A peer that nobody knows connects and says Hello; how long that took, ms. */
  honestDial(): Promise<number> {
    return this.honest.ask<number>('dial', { port: this.port });
  }

  /** Honest traffic of so many bytes in that time. */
  warmUp(bytes: number, seconds: number): Promise<void> {
    return this.honest.ask('warmUp', { port: this.port, bytes, seconds });
  }

  startService(): Promise<void> {
    return this.honest.ask('serve', { port: this.port });
  }

  endService(): Promise<Service> {
    return this.honest.ask<Service>('endService', { port: this.port });
  }

  async close(): Promise<void> {
    for (const peer of this.#peers) peer.close();
    await this.victim.stop();
  }
}

/** Addresses of loopback in networks (/24) of their own: 127.66.<net>.<host>. */
export function attackerAddress(net: number, host = 1): string {
  return `127.66.${net}.${host}`;
}

/** Whether it came true within that time. */
export async function within(ms: number, isTrue: () => boolean | Promise<boolean>): Promise<boolean> {
  for (const until = performance.now() + ms; performance.now() < until; await pause(20))
    if (await isTrue()) return true;
  return isTrue();
}

export function megabytes(bytes: number): string {
  return `${(bytes / MEGABYTE).toFixed(1)} MB`;
}

import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { filter, firstValueFrom, ReplaySubject, timeout } from 'rxjs';
import type { Chain } from '../../src/modules/blockchain/index.js';
import { goPeerBinary } from '../interop/build-go-peer.mjs';
import { eventually } from './eventually.js';

/** A line that the Go peer printed by itself; see test/interop/go-peer/README.md. */
export interface GoPeerEvent {
  readonly event: string;
  readonly peer?: string;
  readonly number?: number;
  readonly reason?: string;
  readonly peerId?: string;
  readonly addr?: string;
}

export interface GoPeerReply {
  readonly id: number;
  readonly ok: boolean;
  readonly error?: string;
  readonly [field: string]: unknown;
}

export interface GetBlocksReply extends GoPeerReply {
  readonly count: number;
  readonly bytes: number;
  readonly sha256: string;
  readonly elapsedMs: number;
}

/** Drives one Go peer process over its line protocol. */
export class GoPeer {
  readonly events$ = new ReplaySubject<GoPeerEvent>();
  private readonly waiting = new Map<number, (reply: GoPeerReply) => void>();
  private lastId = 0;
  private log = '';

  private constructor(
    private readonly process: ChildProcess,
    private readonly exited: Promise<void>,
  ) {
    createInterface({ input: process.stdout as NodeJS.ReadableStream }).on('line', (line) =>
      this.onLine(line),
    );
    process.stderr?.on('data', (chunk) => {
      this.log = (this.log + chunk).slice(-4_096);
    });
  }

  static async start(...args: string[]): Promise<GoPeer> {
    const child = spawn(goPeerBinary, args, { stdio: ['pipe', 'pipe', 'pipe'] });
    const exited = new Promise<void>((resolve) => child.once('close', () => resolve()));
    const peer = new GoPeer(child, exited);
    const ready = await peer.event('ready');
    peer.peerId = ready.peerId ?? '';
    peer.address = ready.addr ?? '';
    return peer;
  }

  peerId = '';
  /** Multiaddr with `/p2p`. */
  address = '';

  /** The first event of that name (past ones count) that fits. */
  async event(name: string, fits: (event: GoPeerEvent) => boolean = () => true): Promise<GoPeerEvent> {
    const found$ = this.events$.pipe(
      filter((event) => event.event === name && fits(event)),
      timeout({ first: 60_000 }),
    );
    return firstValueFrom(found$).catch((error: unknown) => {
      throw new Error(`no fitting event ${name}; the peer said: ${this.log}`, { cause: error });
    });
  }

  /** Resolves with the reply, also when it says that the command failed. */
  send<Reply extends GoPeerReply>(cmd: string, fields: Record<string, unknown> = {}): Promise<Reply> {
    const id = ++this.lastId;
    return new Promise((resolve) => {
      this.waiting.set(id, resolve as (reply: GoPeerReply) => void);
      this.process.stdin?.write(`${JSON.stringify({ id, cmd, ...fields })}\n`);
    });
  }

  async stop(): Promise<void> {
    this.process.stdin?.end();
    await this.exited;
    this.events$.complete();
  }

  private onLine(line: string): void {
    const message = JSON.parse(line) as GoPeerEvent & GoPeerReply;
    if (message.event) {
      this.events$.next(message);
      return;
    }
    this.waiting.get(message.id)?.(message);
    this.waiting.delete(message.id);
  }
}

/**
 * Gossips the height until the node has it: what is published in the first second may fall between two heartbeats of
 * a mesh that is only forming.
 */
export function gossipUntil(peer: GoPeer, number: number, node: { readonly chain: Chain }): Promise<void> {
  const isThere = async () => {
    await peer.send('publishStatus', { number });
    return node.chain.head()?.number === number;
  };
  return eventually(isThere, { describe: () => `the node did not hear of ${number}` });
}

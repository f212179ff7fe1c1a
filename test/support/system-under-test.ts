import { EventEmitter } from 'node:events';
import { NEVER, type Observable, of, Subject } from 'rxjs';
import type { Chain, ChainEvent, ChainHead, ChainInfo } from '../../src/modules/blockchain/index.js';
import type {
  AddProgress,
  PeerAddress,
  PeerDetails,
  PeerId,
  Peers,
} from '../../src/modules/network/index.js';
import { systemConfigSchema } from '../../src/modules/system/system.config.js';
import { SystemController } from '../../src/modules/system/system.controller.js';
import { anUnknown, aStranger } from './fake-network.js';

export const self = '16Uiu2HAmAQLdECPvYyixQMWSesTJd7jbF1Q9JGVXLQM5PHRrZVy9' as PeerId;
export const other = '16Uiu2HAm2FDkXukPDHpSJtXH14DAwz8RmY2i7wmzS4WPVoVgR4iB' as PeerId;
export const hashOf = (number: number) => new Uint8Array(32).fill(number);

class StoredChain implements Chain {
  readonly events = new Subject<ChainEvent>();
  readonly events$ = this.events;
  readonly head$ = NEVER;
  readonly alarms$ = NEVER;
  blocks: Uint8Array[] = [];
  genesisHash: Uint8Array | undefined = hashOf(7);
  tail = 0;

  info(): ChainInfo {
    const { genesisHash, tail } = this;
    return {
      name: 'test',
      chainId: 4101,
      engine: 'ibft',
      verification: 'structure',
      genesisTrust: 'computed',
      genesisHash,
      tail,
      anchor: { kind: 'genesis', number: 0, hash: genesisHash },
      isStrict: false,
      trustedSets: 0,
      anomalies: { count: 0, last: undefined },
      conflicts: 0,
      degraded: undefined,
    };
  }
  nextHeight(): number {
    return this.blocks.length;
  }
  async validatorsAt(): Promise<undefined> {}
  async stateAfter(): Promise<undefined> {}
  head(): ChainHead | undefined {
    const number = this.blocks.length - 1;
    return number < 0 ? undefined : { number, hash: hashOf(number), timestamp: 0n };
  }
  async header() {
    return undefined;
  }
  async hashByNumber() {
    return undefined;
  }
  async numberByHash() {
    return undefined;
  }
  async rawBlock(number: number) {
    return this.blocks[number];
  }
  async rawBlocks(from: number, { maxCount, maxBytes }: { maxCount: number; maxBytes: number }) {
    const taken: Uint8Array[] = [];
    let bytes = 0;
    for (const block of this.blocks.slice(from, from + maxCount)) {
      bytes += block.length;
      if (taken.length > 0 && bytes > maxBytes) break;
      taken.push(block);
    }
    return taken;
  }
}

class OnePeer implements Peers {
  readonly self = self;
  readonly events$ = NEVER;
  readonly requested: PeerAddress[] = [];
  /** What an `add` comes to. */
  progress: AddProgress[] = [{ stage: 'queued' }];
  address: PeerAddress | undefined = { peerId: self, transport: '/ip4/127.0.0.1/tcp/1478' };

  selfAddress() {
    return this.address;
  }
  list() {
    return [{ peerId: other, directions: ['inbound' as const], connectedAtMs: 1 }];
  }
  has(peerId: PeerId) {
    return peerId === other;
  }
  describe(peerId: PeerId): PeerDetails {
    const known = peerId === other;
    return {
      ...aStranger(peerId),
      protocols: known ? ['/id/0.1'] : [],
      addresses: known ? ['/ip4/10.0.0.1/tcp/1'] : [],
    };
  }
  add(address: PeerAddress): Observable<AddProgress> {
    this.requested.push(address);
    return of(...this.progress);
  }
  standing() {
    return anUnknown;
  }
  remembered() {
    return [];
  }
  report() {}
  markUseful() {}
  async disconnect() {}
}

class OperatorCall extends EventEmitter {
  readonly written: unknown[] = [];
  writableNeedDrain = false;

  write(message: unknown): boolean {
    this.written.push(message);
    return true;
  }
}

/** The operator service on a chain and a peer table that a test fills. */
export function aSystem() {
  const chain = new StoredChain();
  const peers = new OnePeer();
  const closing = new AbortController();
  const call = new OperatorCall();
  const config = systemConfigSchema.parse({ grpcPort: 0, subscriberCapacity: 2 });
  return { chain, peers, closing, call, sut: new SystemController(chain, peers, config, closing.signal) };
}

/** The code of what is thrown, or `none`. */
export const codeOf = (act: () => unknown) => {
  try {
    act();
    return 'none';
  } catch (error) {
    return (error as { code: string }).code;
  }
};

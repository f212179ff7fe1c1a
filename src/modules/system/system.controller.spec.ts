import { EventEmitter } from 'node:events';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { NEVER, Subject } from 'rxjs';
import type { Chain, ChainEvent, ChainHead, ChainInfo } from '../blockchain/index.js';
import type { PeerAddress, PeerId, Peers } from '../network/index.js';
import { SystemController } from './system.controller.js';
import { SystemError } from './system.errors.js';

const self = '16Uiu2HAmAQLdECPvYyixQMWSesTJd7jbF1Q9JGVXLQM5PHRrZVy9' as PeerId;
const other = '16Uiu2HAm2FDkXukPDHpSJtXH14DAwz8RmY2i7wmzS4WPVoVgR4iB' as PeerId;
const hashOf = (number: number) => new Uint8Array(32).fill(number);

class FakeChain implements Chain {
  readonly events = new Subject<ChainEvent>();
  readonly events$ = this.events;
  readonly head$ = NEVER;
  blocks: Uint8Array[] = [];
  genesisHash: Uint8Array | undefined = hashOf(7);

  info(): ChainInfo {
    const { genesisHash } = this;
    return {
      name: 'test',
      chainId: 4101,
      engine: 'ibft',
      verification: 'structure',
      genesisTrust: 'computed',
      genesisHash,
    };
  }
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

class FakePeers implements Peers {
  readonly self = self;
  readonly events$ = NEVER;
  readonly requested: PeerAddress[] = [];
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
  describe(peerId: PeerId) {
    const known = peerId === other;
    return { peerId, protocols: known ? ['/id/0.1'] : [], addresses: known ? ['/ip4/10.0.0.1/tcp/1'] : [] };
  }
  requestDial(address: PeerAddress) {
    this.requested.push(address);
  }
  report() {}
  async disconnect() {}
}

class FakeCall extends EventEmitter {
  readonly written: unknown[] = [];
  writableNeedDrain = false;

  write(message: unknown): boolean {
    this.written.push(message);
    return true;
  }
}

const codeOf = (act: () => unknown) => {
  try {
    act();
    return 'none';
  } catch (error) {
    return (error as { code: string }).code;
  }
};

describe(SystemController.name, () => {
  let chain: FakeChain;
  let peers: FakePeers;
  let closing: AbortController;
  let sut: SystemController;
  let call: FakeCall;

  beforeEach(() => {
    chain = new FakeChain();
    peers = new FakePeers();
    closing = new AbortController();
    call = new FakeCall();
    const config = { grpcHost: '127.0.0.1', grpcPort: 0, maxRequestBytes: 16_384, subscriberCapacity: 2 };
    sut = new SystemController(chain, peers, config, closing.signal);
  });

  const exported = (from: bigint, to: bigint) =>
    new Promise<{ from: bigint; to: bigint; latest: bigint; data: Uint8Array }[]>((resolve, reject) => {
      const request = { from, to } as Parameters<SystemController['export']>[0];
      sut.export(request, undefined, call).subscribe({
        complete: () => resolve(call.written as never),
        error: reject,
      });
    });

  describe('GetStatus', () => {
    it('tells chain, genesis, head, address and what is verified', () => {
      chain.blocks = [new Uint8Array(1), new Uint8Array(1)];
      expect(sut.getStatus()).toEqual({
        network: 4101n,
        genesis: `0x${'07'.repeat(32)}`,
        current: { number: 1n, hash: `0x${'01'.repeat(32)}` },
        p2pAddr: `/ip4/127.0.0.1/tcp/1478/p2p/${self}`,
        verification: 'structure',
        genesisTrust: 'computed',
      });
    });

    it('answers while the genesis block is missing', () => {
      chain.genesisHash = undefined;
      expect(sut.getStatus()).toMatchObject({ genesis: '', current: { number: 0n, hash: '' } });
    });

    it('refuses without an address', () => {
      peers.address = undefined;
      expect(codeOf(() => sut.getStatus())).toBe('SYSTEM.NO_ADDRESS');
    });
  });

  describe('PeersAdd', () => {
    it.each(['/ip4/127.0.0.1/tcp/9001', '/ip6/::1/tcp/9001', '/dns4/node.example.org/tcp/1478'])(
      'queues a dial of %s',
      (transport) => {
        const id = `${transport}/p2p/${other}`;
        expect(sut.peersAdd({ id } as never)).toEqual({ message: 'Peer address marked ready for dialing' });
        expect(peers.requested).toEqual([{ peerId: other, transport }]);
      },
    );

    it.each([
      ['', 'SYSTEM.REQUEST_INVALID'],
      ['ip4/127.0.0.1', 'SYSTEM.REQUEST_INVALID'],
      ['/ip4/127.0.0.1 /tcp', 'SYSTEM.REQUEST_INVALID'],
      [`/${'a'.repeat(2_000)}`, 'SYSTEM.REQUEST_INVALID'],
      ['/ip4/garbage', 'NETWORK.BAD_ADDRESS'],
      ['/ip4/127.0.0.1/tcp/9001', 'NETWORK.BAD_ADDRESS'],
      [`/foo/1/p2p/${other}`, 'NETWORK.BAD_ADDRESS'],
    ])('refuses %p with %s', (id, code) => {
      expect(codeOf(() => sut.peersAdd({ id } as never))).toBe(code);
      expect(peers.requested).toEqual([]);
    });
  });

  describe('PeersList and PeersStatus', () => {
    it('list the peers with protocols and addresses', () => {
      const peer = { id: other, protocols: ['/id/0.1'], addrs: ['/ip4/10.0.0.1/tcp/1'] };
      expect(sut.peersList()).toEqual({ peers: [peer] });
      expect(sut.peersStatus({ id: other } as never)).toEqual(peer);
    });

    it('give empty lists for an unknown peer', () => {
      expect(sut.peersStatus({ id: self } as never)).toEqual({ id: self, protocols: [], addrs: [] });
    });

    it.each([
      ['', 'SYSTEM.REQUEST_INVALID'],
      ['no-pe', 'SYSTEM.REQUEST_INVALID'],
      ['a'.repeat(200), 'SYSTEM.REQUEST_INVALID'],
      ['nope', 'NETWORK.BAD_PEER_ID'],
    ])('refuse the peer ID %p with %s', (id, code) => {
      expect(codeOf(() => sut.peersStatus({ id } as never))).toBe(code);
    });
  });

  describe('Subscribe', () => {
    const event = (number: number): ChainEvent => ({
      type: 'head:changed',
      added: [{ number, hash: hashOf(number) }],
      removed: [],
      source: 'sync',
      atMs: 0,
    });

    it('sends nothing at first and then each event', () => {
      const subscription = sut.subscribe({}, undefined, call).subscribe();
      expect(call.written).toEqual([]);
      chain.events.next(event(5));
      expect(call.written).toEqual([{ added: [{ number: 5n, hash: `0x${'05'.repeat(32)}` }], removed: [] }]);
      subscription.unsubscribe();
      expect(chain.events.observed).toBe(false);
    });

    it('ends a stalled stream with the height to resume from', () => {
      let error: unknown;
      sut.subscribe({}, undefined, call).subscribe({
        error: (failure: unknown) => {
          error = failure;
        },
      });
      call.writableNeedDrain = true;
      for (const number of [5, 6, 7]) chain.events.next(event(number));
      expect((error as SystemError).detail).toEqual({ code: 'SYSTEM.SUBSCRIBER_TOO_SLOW', resumeFrom: 7 });
    });

    it('ends when the port closes', () => {
      let error: unknown;
      sut.subscribe({}, undefined, call).subscribe({
        error: (failure: unknown) => {
          error = failure;
        },
      });
      closing.abort(new SystemError({ code: 'SYSTEM.SHUTTING_DOWN' }));
      expect((error as SystemError).code).toBe('SYSTEM.SHUTTING_DOWN');
    });
  });

  describe('BlockByNumber', () => {
    it('gives the RLP', async () => {
      chain.blocks = [Uint8Array.of(0xc0)];
      await expect(sut.blockByNumber({ number: 0n } as never)).resolves.toEqual({
        data: Uint8Array.of(0xc0),
      });
    });

    it.each([1n, 2n ** 64n - 1n])('does not find block %s', async (number) => {
      await expect(sut.blockByNumber({ number } as never)).rejects.toMatchObject({
        detail: { code: 'SYSTEM.BLOCK_NOT_FOUND', number },
      });
    });
  });

  describe('Export', () => {
    beforeEach(() => {
      chain.blocks = Array.from({ length: 10 }, (_, number) => new Uint8Array(200_000).fill(number));
    });

    it('cuts the range into chunks under 512 KiB', async () => {
      const events = await exported(3n, 8n);
      expect(events.map(({ from, to, latest }) => [from, to, latest])).toEqual([
        [3n, 4n, 9n],
        [5n, 6n, 9n],
        [7n, 8n, 9n],
      ]);
      expect(events[0]?.data.length).toBe(400_000);
      expect([events[0]?.data[0], events[0]?.data[200_000]]).toEqual([3, 4]);
    });

    it('goes to the head when no end is given, and stops there when the end is beyond', async () => {
      expect((await exported(9n, 0n)).map(({ to }) => to)).toEqual([9n]);
      call.written.length = 0;
      expect((await exported(8n, 100n)).map(({ to }) => to)).toEqual([9n]);
    });

    it('sends a block that is larger than a chunk by itself', async () => {
      chain.blocks = [new Uint8Array(10), new Uint8Array(600_000), new Uint8Array(10)];
      expect((await exported(0n, 0n)).map(({ from, to }) => [from, to])).toEqual([
        [0n, 0n],
        [1n, 1n],
        [2n, 2n],
      ]);
    });

    it.each([
      [10n, 0n],
      [2n ** 64n - 1n, 0n],
    ])('is empty above the head (%s)', async (from, to) => {
      expect(await exported(from, to)).toEqual([]);
    });

    it.each([
      [5n, 5n],
      [6n, 5n],
    ])('refuses the range %s to %s', (from, to) => {
      expect(codeOf(() => sut.export({ from, to } as never, undefined, call))).toBe(
        'SYSTEM.EXPORT_RANGE_INVALID',
      );
    });
  });
});

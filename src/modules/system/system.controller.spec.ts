import { beforeEach, describe, expect, it } from '@jest/globals';
import { aSystem, codeOf, hashOf, other, self } from '../../../test/support/system-under-test.js';
import { NetworkError } from '../network/index.js';
import { SystemController } from './system.controller.js';

describe(SystemController.name, () => {
  let chain: ReturnType<typeof aSystem>['chain'];
  let peers: ReturnType<typeof aSystem>['peers'];
  let sut: SystemController;

  beforeEach(() => {
    ({ chain, peers, sut } = aSystem());
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
        trust: {
          anchor: 'genesis',
          anchorNumber: 0n,
          anchorHash: `0x${'07'.repeat(32)}`,
          strict: false,
          trustedSets: 0n,
          anomalies: 0n,
          lastAnomaly: '',
          conflicts: 0n,
          tail: 0n,
          degraded: '',
        },
      });
    });

    it('tells what verification met', () => {
      const last = { rule: 'ibft.timestamp', reason: 'late', number: 7, hash: hashOf(7) } as const;
      const info = chain.info();
      const met = {
        isStrict: true,
        trustedSets: 2,
        anomalies: { count: 3, last },
        conflicts: 1,
        tail: 9,
        degraded: 'the disk is full',
        anchor: { kind: 'checkpoint', number: 5, hash: undefined },
      } as const;
      chain.info = () => ({ ...info, ...met });
      expect(sut.getStatus().trust).toEqual({
        anchor: 'checkpoint',
        anchorNumber: 5n,
        anchorHash: '',
        strict: true,
        trustedSets: 2n,
        anomalies: 3n,
        lastAnomaly: 'ibft.timestamp in block 7: late',
        conflicts: 1n,
        tail: 9n,
        degraded: 'the disk is full',
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
      async (transport) => {
        const id = `${transport}/p2p/${other}`;
        const message = 'Peer address marked ready for dialing';
        await expect(sut.peersAdd({ id } as never)).resolves.toEqual({ message });
        expect(peers.requested).toEqual([{ peerId: other, transport }]);
      },
    );

    it('answers before the outcome is known, and for a peer that is there', async () => {
      const id = `/ip4/127.0.0.1/tcp/9001/p2p/${other}`;
      const error = new NetworkError({ code: 'NETWORK.DIAL_TIMEOUT', peerId: other, timeoutMs: 1 });
      peers.progress = [{ stage: 'queued' }, { stage: 'dialing' }, { stage: 'failed', at: 'dial', error }];
      await expect(sut.peersAdd({ id } as never)).resolves.toHaveProperty('message');
      peers.progress = [{ stage: 'connected' }];
      await expect(sut.peersAdd({ id } as never)).resolves.toHaveProperty('message');
    });

    it('fails when the dial is refused at once', async () => {
      const error = new NetworkError({ code: 'NETWORK.BANNED', target: other, reason: 'spam' });
      peers.progress = [{ stage: 'failed', at: 'queue', error }];
      const refused = sut.peersAdd({ id: `/ip4/127.0.0.1/tcp/9001/p2p/${other}` } as never);
      await expect(refused).rejects.toBe(error);
    });

    it.each([
      ['/ip4/garbage', 'NETWORK.BAD_ADDRESS'],
      ['/ip4/127.0.0.1/tcp/9001', 'NETWORK.BAD_ADDRESS'],
      [`/foo/1/p2p/${other}`, 'NETWORK.BAD_ADDRESS'],
    ])('refuses %p with %s', async (id, code) => {
      await expect(sut.peersAdd({ id } as never)).rejects.toMatchObject({ code });
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

    it.each([['nope', 'NETWORK.BAD_PEER_ID']])('refuse the peer ID %p with %s', (id, code) => {
      expect(codeOf(() => sut.peersStatus({ id } as never))).toBe(code);
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

    it('tells a block that is kept no more from one that never was', async () => {
      chain.tail = 5;
      await expect(sut.blockByNumber({ number: 4n } as never)).rejects.toMatchObject({
        detail: { code: 'BLOCKCHAIN.PRUNED', number: 4, tail: 5 },
      });
      for (const number of [0n, 5n])
        await expect(sut.blockByNumber({ number } as never)).rejects.toMatchObject({
          detail: { code: 'SYSTEM.BLOCK_NOT_FOUND' },
        });
    });
  });
});

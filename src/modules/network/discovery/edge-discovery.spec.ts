import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { describe, expect, it } from '@jest/globals';
import {
  type PeerDiscoveryBench,
  peerDiscoveryContract,
} from '../../../../test/contract/peer-discovery.contract.js';
import { SeededRandom } from '../../../../test/sim/seeded-random.js';
import { ManualClock } from '../../../../test/support/manual-clock.js';
import { aPeerId } from '../../../../test/support/peer-ids.js';
import { RecordingLogger } from '../../../../test/support/recording-logger.js';
import { ScriptedHost } from '../../../../test/support/scripted-host.js';
import { ScriptedProtocols } from '../../../../test/support/scripted-protocols.js';
import { NoMetrics } from '../../../common/metrics.port.js';
import { FindPeersReqSchema, FindPeersRespSchema } from '../../../gen/v1/discovery_pb.js';
import { networkConfigSchema } from '../network.config.js';
import { NetworkError } from '../network.errors.js';
import { createNetworkMetrics } from '../network.metrics.js';
import { PeerTable } from '../peers/peer-table.js';
import type { PeerAddress, PeerId } from '../ports/types.js';
import { EdgeDiscovery } from './edge-discovery.js';
import { PeerQuery } from './peer-query.service.js';

const signal = new AbortController().signal;
const at = (n: number, port = n): PeerAddress => ({
  peerId: aPeerId(n),
  transport: `/ip4/127.0.0.1/tcp/${port}`,
});

/** A node with peers that tell what a test says. */
class Rig implements PeerDiscoveryBench {
  readonly clock = new ManualClock();
  readonly host = new ScriptedHost(aPeerId(0), this.clock);
  readonly protocols = new ScriptedProtocols(this.clock);
  readonly table = new PeerTable(this.clock);
  /** Whether full nodes are asked now. */
  isAskingFullNodes = false;
  readonly courtesy = {
    start: () => {
      this.isAskingFullNodes = true;
    },
    stop: () => {
      this.isAskingFullNodes = false;
    },
  };
  readonly log = new RecordingLogger();
  readonly discovery: EdgeDiscovery;
  readonly known = at(9);
  readonly unknown = aPeerId(8);
  /** What each peer tells; undefined: it never answers. */
  tell: (teller: PeerId) => readonly PeerAddress[] | Error | undefined = () => [this.known];
  hasSlot = true;
  visits = 0;

  constructor(peers: readonly number[]) {
    const config = networkConfigSchema.parse({});
    const metrics = createNetworkMetrics(new NoMetrics());
    const random = new SeededRandom(1);
    const query = new PeerQuery(this.host, this.protocols, config, this.table, random, metrics);
    const bootnodes = { run: async () => void this.visits++ };
    const slots = { hasFree: () => this.hasSlot };
    this.discovery = new EdgeDiscovery(config, slots, query, bootnodes, this.courtesy, this.clock, this.log);
    for (const n of peers) this.table.add(aPeerId(n), 'inbound', ['inbound']);
    this.protocols.answer = ({ peerId }) => {
      const told = this.tell(peerId);
      if (told === undefined || told instanceof Error) return told;
      const nodes = told.map(({ peerId: id, transport }) => `${transport}/p2p/${id}`);
      return toBinary(FindPeersRespSchema, create(FindPeersRespSchema, { nodes }));
    };
  }

  async reveal(): Promise<void> {
    await this.clock.advanceAsync(5_000);
  }

  silence(): void {
    this.tell = () => undefined;
  }

  async close(): Promise<void> {
    await this.clock.advanceAsync(0);
    expect(this.clock.pendingTimers).toBe(0);
  }
}

peerDiscoveryContract(EdgeDiscovery.name, async () => {
  const rig = new Rig([1, 2]);
  return {
    discovery: rig.discovery,
    known: rig.known,
    unknown: rig.unknown,
    reveal: () => rig.reveal(),
    silence: () => rig.silence(),
    close: () => rig.close(),
  };
});

describe(EdgeDiscovery.name, () => {
  it('asks full nodes while it runs', async () => {
    const rig = new Rig([]);
    await rig.discovery.start();
    expect(rig.isAskingFullNodes).toBe(true);
    await rig.discovery.stop();
    expect(rig.isAskingFullNodes).toBe(false);
  });

  it('names the peer that told', async () => {
    const rig = new Rig([1]);
    const sources: string[] = [];
    rig.discovery.candidates$.subscribe(({ source }) => sources.push(source));
    await rig.discovery.start();
    await rig.reveal();
    expect(sources).toEqual([aPeerId(1)]);
  });

  it('asks nobody while no slot is free', async () => {
    const rig = new Rig([1]);
    rig.hasSlot = false;
    await rig.discovery.start();
    await rig.clock.advanceAsync(120_000);
    expect([rig.protocols.calls.length, rig.visits]).toEqual([0, 0]);
    rig.hasSlot = true;
    await rig.clock.advanceAsync(60_000);
    expect([rig.protocols.calls.length, rig.visits]).toEqual([12, 1]);
  });

  describe('locates', () => {
    it('by asking three peers for the ID', async () => {
      const rig = new Rig([1, 2, 3, 4, 5]);
      await rig.discovery.start();
      expect(await rig.discovery.locate(aPeerId(9), { signal })).toEqual([at(9)]);
      expect(new Set(rig.protocols.calls.map(({ peerId }) => peerId)).size).toBe(3);
      for (const { request } of rig.protocols.calls) {
        expect(fromBinary(FindPeersReqSchema, request)).toMatchObject({ key: aPeerId(9), count: 16n });
      }
    });

    it('with all that they tell, each address once', async () => {
      const rig = new Rig([1, 2, 3]);
      rig.tell = (teller) => [at(9, teller === aPeerId(1) ? 100 : 200), at(4)];
      await rig.discovery.start();
      const located = await rig.discovery.locate(aPeerId(9), { signal });
      expect(located).toHaveLength(2);
      expect(located).toEqual(expect.arrayContaining([at(9, 100), at(9, 200)]));
    });

    it('with what is left when some fail or stay silent', async () => {
      const rig = new Rig([1, 2, 3]);
      const answers = new Map<PeerId, NetworkError | undefined>([
        [aPeerId(1), new NetworkError({ code: 'NETWORK.NOT_CONNECTED', peerId: aPeerId(1) })],
        [aPeerId(2), undefined],
      ]);
      rig.tell = (teller) => (answers.has(teller) ? answers.get(teller) : [at(9)]);
      await rig.discovery.start();
      const locating = rig.discovery.locate(aPeerId(9), { signal });
      await rig.clock.advanceAsync(10_000);
      expect(await locating).toEqual([at(9)]);
    });

    it('and shows a bug of ours', async () => {
      const rig = new Rig([1]);
      rig.tell = () => new TypeError('bug');
      await rig.discovery.start();
      await expect(rig.discovery.locate(aPeerId(9), { signal })).rejects.toThrow(TypeError);
      await rig.reveal();
      expect(rig.log.lines.some(({ level }) => level === 'error')).toBe(true);
    });

    it('nobody without peers', async () => {
      const rig = new Rig([]);
      await rig.discovery.start();
      expect(await rig.discovery.locate(aPeerId(9), { signal })).toEqual([]);
    });
  });
});

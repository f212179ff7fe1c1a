import { describe, expect, it } from '@jest/globals';
import { encodeStatus, FakeNetwork, peerId } from '../../../test/support/fake-network.js';
import { ManualClock } from '../../../test/support/manual-clock.js';
import { honestPeer } from '../../../test/support/peer-scripts.js';
import { RecordingLogger } from '../../../test/support/recording-logger.js';
import { fromHex } from '../../common/bytes.js';
import { type Logger, SilentLogger } from '../../common/logger.port.js';
import { NoMetrics } from '../../common/metrics.port.js';
import { PeerHeights } from './peer-heights.js';
import { judgeStatus, StatusGossipService } from './status-gossip.service.js';
import { syncConfigSchema } from './sync.config.js';
import { createSyncMetrics } from './sync.metrics.js';

const author = peerId('author');
const bytes = (hex: string) => fromHex(hex) ?? new Uint8Array();

describe(judgeStatus.name, () => {
  it.each([
    { name: 'a height', data: '08ac02', expect: 'accept' },
    { name: 'no bytes, which is height 0', data: '', expect: 'accept' },
    { name: 'fields of a later version', data: '08ac021a0161', expect: 'accept' },
    { name: '64 bytes', data: `08ac021a3b${'61'.repeat(59)}`, expect: 'accept' },
    { name: '65 bytes', data: `08ac021a3c${'61'.repeat(60)}`, expect: 'reject' },
    { name: '2^53-1', data: '08ffffffffffffff0f', expect: 'accept' },
    { name: '2^53', data: '088080808080808010', expect: 'reject' },
    { name: '2^63', data: '0880808080808080808001', expect: 'reject' },
    { name: 'a cut varint', data: '08ff', expect: 'reject' },
    { name: 'noise', data: 'ffffffff', expect: 'reject' },
  ])('judges $name', ({ data, expect: verdict }) => {
    const message = { topic: 't', from: author, data: bytes(data) };
    expect(judgeStatus({ ...message, receivedFrom: author })).toBe(verdict);
    // A neighbour that relays junk is not to blame: Go nodes relay everything.
    const relayed = verdict === 'reject' ? 'ignore' : verdict;
    expect(judgeStatus({ ...message, receivedFrom: peerId('neighbour') })).toBe(relayed);
  });
});

function setUp(log: Logger = new SilentLogger()) {
  const network = new FakeNetwork(new ManualClock());
  const heights = new PeerHeights({ head: () => 10, distanceTo: () => 0n, maxClaimAhead: 1_000 });
  const service = new StatusGossipService(
    network,
    network,
    heights,
    syncConfigSchema.parse({}),
    createSyncMetrics(new NoMetrics()),
    log,
  );
  return { network, heights, service };
}

describe(StatusGossipService.name, () => {
  it('takes the heights of connected peers, lower ones too', () => {
    const { network, heights, service } = setUp();
    service.onApplicationBootstrap();
    network.connect(
      author,
      honestPeer(() => 0),
    );
    expect(network.gossip(author, encodeStatus(300n), peerId('neighbour'))).toBe('accept');
    expect(heights.list()).toEqual([{ peerId: author, number: 300, distance: 0n }]);
    network.gossip(author, encodeStatus(200n));
    expect(heights.list()).toEqual([{ peerId: author, number: 200, distance: 0n }]);
    service.beforeApplicationShutdown();
  });

  it('relays the heights of others and does not believe them', () => {
    const { network, heights, service } = setUp();
    service.onApplicationBootstrap();
    expect(network.gossip(author, encodeStatus(300n))).toBe('accept');
    expect(heights.list()).toEqual([]);
    service.beforeApplicationShutdown();
  });

  it('drops a peer whose height no chain can have, and forgets what it said before', () => {
    const { network, heights, service } = setUp();
    service.onApplicationBootstrap();
    network.connect(
      author,
      honestPeer(() => 0),
    );
    network.gossip(author, encodeStatus(300n));
    expect(network.gossip(author, encodeStatus(1_011n))).toBe('accept');
    expect(network.faults).toMatchObject([
      { peerId: author, code: 'SYNC.IMPLAUSIBLE_HEIGHT', severity: 'drop' },
    ]);
    expect(heights.list()).toEqual([]);
    service.beforeApplicationShutdown();
  });

  it('does not blame the peer for a bug', () => {
    const log = new RecordingLogger();
    const { network, heights, service } = setUp(log);
    service.onApplicationBootstrap();
    network.connect(
      author,
      honestPeer(() => 0),
    );
    heights.put = () => {
      throw new TypeError('a bug');
    };
    network.gossip(author, encodeStatus(300n));
    expect(network.faults).toEqual([]);
    expect(log.messages('error')).toEqual(['event handler failed']);
    service.beforeApplicationShutdown();
  });

  it('takes nothing after shutdown', () => {
    const { network, heights, service } = setUp();
    network.connect(
      author,
      honestPeer(() => 0),
    );
    service.onApplicationBootstrap();
    service.beforeApplicationShutdown();
    network.gossip(author, encodeStatus(300n));
    expect(heights.list()).toEqual([]);
  });

  it('does not join when it is stopped before it starts', () => {
    const { network, service } = setUp();
    service.beforeApplicationShutdown();
    service.onApplicationBootstrap();
    expect(network.gossip(author, encodeStatus(300n))).toBeUndefined();
  });
});

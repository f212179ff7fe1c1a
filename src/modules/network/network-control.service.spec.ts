import { describe, expect, it } from '@jest/globals';
import { ManualClock } from '../../../test/support/manual-clock.js';
import { aPeerId, FIND_PEERS, NetworkUnderTest } from '../../../test/support/network-under-test.js';
import { ScriptedHost } from '../../../test/support/scripted-host.js';
import { SilentLogger } from '../../common/logger.port.js';
import { NoMetrics } from '../../common/metrics.port.js';
import { TopicsService } from './gossip/topics.service.js';
import { createNetworkMetrics } from './network.metrics.js';
import { NetworkControlService } from './network-control.service.js';

const TOPIC = 'syncer/status/0.1';
const part = () => ({ isPaused: false });

describe(NetworkControlService.name, () => {
  it('pauses and resumes each activity by itself, as often as it is told', () => {
    const [discovery, topics] = [part(), part()];
    const sut = new NetworkControlService(discovery, topics);
    expect(sut.paused()).toEqual([]);
    sut.pause('gossip');
    sut.pause('discovery');
    sut.pause('discovery');
    expect(sut.paused()).toEqual(['discovery', 'gossip']);
    expect([discovery, topics]).toEqual(Array(2).fill({ isPaused: true }));
    sut.resume('discovery');
    sut.resume('discovery');
    expect(sut.paused()).toEqual(['gossip']);
    expect(discovery.isPaused).toBe(false);
  });

  it('discovery: nobody is asked for peers, and nothing found is taken', async () => {
    const net = new NetworkUnderTest({ config: { discoveryIntervalMs: 5_000 } }).start();
    const sut = new NetworkControlService(net.discovery, part());
    await net.connect(1);
    sut.pause('discovery');
    await net.settle(20_000);
    expect(net.protocols.callsOf(FIND_PEERS)).toEqual([]);
    sut.resume('discovery');
    await net.settle(5_000);
    expect(net.protocols.callsOf(FIND_PEERS)).toHaveLength(1);
  });

  it('gossip: what comes is ignored, and nothing is published', async () => {
    const host = new ScriptedHost(aPeerId(0), new ManualClock());
    const metrics = createNetworkMetrics(new NoMetrics());
    const log = new SilentLogger();
    const topics = new TopicsService(host, { markUseful: () => {} }, new ManualClock(), log, metrics);
    const sut = new NetworkControlService(part(), topics);
    topics.subscribe(TOPIC, () => 'reject');
    const message = { topic: TOPIC, from: aPeerId(1), receivedFrom: aPeerId(1), data: new Uint8Array(1) };
    sut.pause('gossip');
    expect(host.receive(message)).toBe('ignore');
    await expect(topics.publish(TOPIC, new Uint8Array(1))).rejects.toMatchObject({
      code: 'NETWORK.PUBLISH_FAILED',
    });
    sut.resume('gossip');
    expect(host.receive(message)).toBe('reject');
    await topics.publish(TOPIC, new Uint8Array(1));
  });
});

import { setImmediate as settle } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { FakeChain, fakeBlocks } from '../../../test/support/fake-chain.js';
import { encodeStatus, FakeNetwork } from '../../../test/support/fake-network.js';
import { ManualClock } from '../../../test/support/manual-clock.js';
import { SilentLogger } from '../../common/logger.port.js';
import { NetworkError } from '../network/index.js';
import { StatusPublisherService } from './status-publisher.service.js';
import { syncConfigSchema } from './sync.config.js';

function setUp() {
  const clock = new ManualClock();
  const network = new FakeNetwork(clock);
  const chain = new FakeChain(10);
  const config = syncConfigSchema.parse({ publishIntervalMs: 500 });
  const service = new StatusPublisherService(chain, network, clock, config, new SilentLogger());
  return { clock, network, chain, config, service };
}

const status = (height: bigint) => ({ topic: 'syncer/status/0.1', data: encodeStatus(height) });

describe(StatusPublisherService.name, () => {
  it('says nothing until the head moves', () => {
    const { network, service } = setUp();
    service.onApplicationBootstrap();
    expect(network.published).toEqual([]);
    service.beforeApplicationShutdown();
  });

  it('says nothing while it does not keep the whole chain, unless told to', async () => {
    const { network, chain, service, config } = setUp();
    chain.tail = 5;
    service.onApplicationBootstrap();
    await chain.seal();
    expect(network.published).toEqual([]);
    config.announcePruned = true;
    await chain.seal();
    expect(network.published).toEqual([status(12n)]);
    service.beforeApplicationShutdown();
  });

  it('publishes a new head at once when it was quiet', async () => {
    const { clock, network, chain, service } = setUp();
    service.onApplicationBootstrap();
    await chain.seal();
    expect(network.published).toEqual([status(11n)]);
    clock.advance(500);
    await chain.seal();
    expect(network.published).toEqual([status(11n), status(12n)]);
    service.beforeApplicationShutdown();
  });

  it('publishes once per interval while syncing, and the last height in the end', async () => {
    const { clock, network, chain, service } = setUp();
    service.onApplicationBootstrap();
    for (let height = 11; height < 61; height++) {
      await chain.insert([...fakeBlocks(height, height)]);
      clock.advance(20);
    }
    clock.advance(500);
    expect(network.published).toEqual([status(11n), status(35n), status(60n)]);
    expect(clock.pendingTimers).toBe(0);
    service.beforeApplicationShutdown();
  });

  it('says nothing when the head that moved is gone again', async () => {
    const { network, chain, service } = setUp();
    service.onApplicationBootstrap();
    chain.head = () => undefined;
    await chain.seal();
    expect(network.published).toEqual([]);
    service.beforeApplicationShutdown();
  });

  it('leaves no timer behind and publishes nothing after shutdown', async () => {
    const { clock, network, chain, service } = setUp();
    service.onApplicationBootstrap();
    await chain.seal();
    await chain.seal();
    service.beforeApplicationShutdown();
    expect(clock.pendingTimers).toBe(0);
    await chain.seal();
    expect(network.published).toHaveLength(1);
  });

  it('goes on when publishing fails', async () => {
    const { clock, network, chain, service } = setUp();
    const publish = network.publish.bind(network);
    network.publish = () =>
      Promise.reject(new NetworkError({ code: 'NETWORK.PUBLISH_FAILED', topic: '', reason: '' }));
    service.onApplicationBootstrap();
    await chain.seal();
    await settle();
    network.publish = publish;
    clock.advance(500);
    await chain.seal();
    expect(network.published).toEqual([status(12n)]);
    service.beforeApplicationShutdown();
  });

  it('may be stopped before it starts', async () => {
    const { network, chain, service } = setUp();
    service.beforeApplicationShutdown();
    service.onApplicationBootstrap();
    await chain.seal();
    expect(network.published).toEqual([]);
  });
});

import { beforeEach, describe, expect, it } from '@jest/globals';
import { RecordingLogger } from '../../../test/support/recording-logger.js';
import { Activity } from '../../gen/edgekeeper/v1/node_pb.js';
import type { NetworkActivity, NetworkControl } from '../network/index.js';
import type { SyncControl } from '../sync/index.js';
import { Activities } from './activities.js';

class Network implements NetworkControl {
  readonly held = new Set<NetworkActivity>();
  paused() {
    return [...this.held];
  }
  pause(activity: NetworkActivity) {
    this.held.add(activity);
  }
  resume(activity: NetworkActivity) {
    this.held.delete(activity);
  }
}

class Sync implements SyncControl {
  isPaused = false;
  pause() {
    this.isPaused = true;
  }
  resume() {
    this.isPaused = false;
  }
}

const { DISCOVERY, SYNC, GOSSIP, UNSPECIFIED } = Activity;

describe(Activities.name, () => {
  let log: RecordingLogger;
  let sut: Activities;

  beforeEach(() => {
    log = new RecordingLogger();
    sut = new Activities(new Network(), new Sync(), log);
  });

  it.each([
    { name: 'all without any', wanted: [], paused: [DISCOVERY, SYNC, GOSSIP] },
    { name: 'one', wanted: [SYNC], paused: [SYNC] },
    { name: 'each once', wanted: [GOSSIP, GOSSIP, DISCOVERY], paused: [DISCOVERY, GOSSIP] },
    { name: 'nothing that is none', wanted: [UNSPECIFIED], paused: [] },
  ])('pauses $name', ({ wanted, paused }) => {
    sut.set(wanted, true, 'ops');
    expect(sut.paused()).toEqual(paused);
    expect(log.messages('info')).toHaveLength(paused.length);
    sut.set(wanted, true, 'ops');
    expect(log.messages('info')).toHaveLength(paused.length);
    sut.set([], false, 'ops');
    expect(sut.paused()).toEqual([]);
  });

  it('says in the log who did it', () => {
    sut.set([SYNC], true, 'ops');
    sut.set([], false, 'root');
    expect(log.lines).toEqual([
      { level: 'info', message: 'activity paused', fields: { activity: 'sync', caller: 'ops' } },
      { level: 'info', message: 'activity resumed', fields: { activity: 'sync', caller: 'root' } },
    ]);
  });
});

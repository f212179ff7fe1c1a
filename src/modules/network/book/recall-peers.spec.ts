import { describe, expect, it } from '@jest/globals';
import { aPeerRecord } from '../../../../test/contract/peer-store.contract.js';
import { RecordingLogger } from '../../../../test/support/recording-logger.js';
import { InMemoryPeerStore } from '../adapters/memory/in-memory-peer-store.js';
import { recallPeers } from './recall-peers.js';

describe(recallPeers.name, () => {
  it('gives what is stored, and says nothing', async () => {
    const [store, log] = [new InMemoryPeerStore(), new RecordingLogger()];
    await store.write({ peers: [aPeerRecord(1)] });
    const stored = { peers: [aPeerRecord(1)], bans: [], pinned: [], audit: [] };
    expect(await recallPeers(store, log)).toEqual(stored);
    expect(log.lines).toEqual([]);
  });

  it('says once how many records were damaged', async () => {
    const [store, log] = [new InMemoryPeerStore(), new RecordingLogger()];
    const read = async () => ({ ...(await store.read()), damaged: 3 });
    await recallPeers({ read, write: store.write, close: store.close }, log);
    expect(log.lines).toMatchObject([{ level: 'warn', fields: { count: 3 } }]);
  });

  it('gives nothing when the store fails, and says so', async () => {
    const [store, log] = [new InMemoryPeerStore(), new RecordingLogger()];
    await store.close();
    expect(await recallPeers(store, log)).toEqual({ peers: [], bans: [], pinned: [], audit: [] });
    expect(log.messages('warn')).toHaveLength(1);
  });
});

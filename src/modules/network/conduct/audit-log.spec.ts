import { describe, expect, it } from '@jest/globals';
import { ManualClock } from '../../../../test/support/manual-clock.js';
import { SilentLogger } from '../../../common/logger.port.js';
import { InMemoryPeerStore } from '../adapters/memory/in-memory-peer-store.js';
import { AuditLog } from './audit-log.js';

const act = { action: 'ban', target: '192.0.2.0/24', by: 'operator', reason: 'sybils' } as const;

function anAudit(store = new InMemoryPeerStore()) {
  const clock = new ManualClock();
  return { store, clock, audit: new AuditLog(store, clock, new SilentLogger()) };
}

describe(AuditLog.name, () => {
  it('stamps acts, lists them oldest first, and remembers them', async () => {
    const { store, clock, audit } = anAudit();
    await audit.record(act);
    clock.advance(1_000);
    await audit.record({ ...act, action: 'unban' });
    const acts = [
      { ...act, atMs: 1_700_000_000_000 },
      { ...act, action: 'unban', atMs: 1_700_000_001_000 },
    ];
    expect(audit.list()).toEqual(acts);
    const next = anAudit(store).audit;
    await next.load();
    expect(next.list()).toEqual(acts);
  });

  it('keeps the last 1,000', async () => {
    const { audit } = anAudit();
    for (let n = 0; n < 1_001; n++) await audit.record({ ...act, reason: `${n}` });
    expect(audit.list()).toHaveLength(1_000);
    expect(audit.list()[0]?.reason).toBe('1');
  });

  it('has the entry also when it cannot be stored, and says so', async () => {
    const { store, audit } = anAudit();
    await store.close();
    await expect(audit.record(act)).rejects.toMatchObject({ code: 'NETWORK.STORE_FAILED' });
    expect(audit.list()).toHaveLength(1);
  });
});

import { describe, expect, it } from '@jest/globals';
import { peerId } from '../../../test/support/fake-network.js';
import { ManualClock } from '../../../test/support/manual-clock.js';
import { RecordingLogger } from '../../../test/support/recording-logger.js';
import { Standstill } from './standstill.js';
import { SyncError } from './sync.errors.js';

const [a, b] = [peerId('a'), peerId('b')];
const failureOf = (id: string, reason = 'bad seal') =>
  new SyncError({ code: 'SYNC.BAD_BLOCK', peerId: id, height: 8, reason });

function watch() {
  const clock = new ManualClock();
  const log = new RecordingLogger();
  const standstill = new Standstill(clock, log);
  const fail = (id = a, height = 7, ahead = [a, b]) =>
    standstill.add({ peerId: id, height, ahead, error: failureOf(id) });
  return { clock, log, standstill, fail };
}

describe(Standstill.name, () => {
  it('warns once when the last of the peers that are ahead failed, gone or not', () => {
    const { log, fail } = watch();
    fail(a);
    fail(a);
    expect(log.lines).toEqual([]);
    fail(b, 7, [b]);
    fail(a);
    expect(log.lines).toMatchObject([
      { level: 'warn', fields: { height: 7, peers: 2, code: 'SYNC.BAD_BLOCK', error: expect.any(String) } },
    ]);
  });

  it('says when it goes on, if it had said that it does not', () => {
    const { log, fail, standstill } = watch();
    fail(a);
    standstill.reached(8);
    expect(log.lines).toEqual([]);
    fail(a, 8);
    fail(b, 8);
    standstill.reached(8);
    expect(log.messages('info')).toEqual([]);
    standstill.reached(9);
    standstill.reached(10);
    expect(log.lines.slice(1)).toMatchObject([{ level: 'info', fields: { height: 9 } }]);
  });

  it('does not count who failed at another height', () => {
    const { log, fail } = watch();
    fail(a, 7);
    fail(b, 8);
    expect(log.lines).toEqual([]);
  });

  it('warns once a minute at most, whatever the height', () => {
    const { clock, log, fail } = watch();
    for (let height = 0; height < 10; height++) fail(a, height, [a]);
    expect(log.lines).toHaveLength(1);
    clock.advance(60_000);
    fail(a, 9, [a]);
    expect(log.lines.map(({ fields }) => fields?.height)).toEqual([0, 9]);
  });

  it('shows nothing of a peer that a terminal would take for a command', () => {
    const { log, standstill } = watch();
    const error = failureOf('a', 'x\u001b[2J\u009b1m');
    standstill.add({ peerId: a, height: 1, ahead: [], error });
    expect(log.lines[0]?.fields?.error).toMatch(/x\?\[2J\?1m$/);
  });

  it('forgets those that failed longest ago', () => {
    const { log, fail } = watch();
    fail(a, 7, [b]);
    for (let i = 0; i < 1_024; i++) fail(peerId(`p${i}`), 7, [b]);
    fail(b, 7, [a, b]);
    expect(log.lines).toEqual([]);
  });
});

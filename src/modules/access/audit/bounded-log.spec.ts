import { describe, expect, it } from '@jest/globals';
import { ManualClock } from '../../../../test/support/manual-clock.js';
import type { LogFields } from '../../../common/logger.port.js';
import { BoundedLog } from './bounded-log.js';

function aLog() {
  const clock = new ManualClock();
  const lines: LogFields[] = [];
  let suppressed = 0;
  const sut = new BoundedLog(
    clock,
    (fields) => lines.push(fields),
    () => {
      suppressed += 1;
    },
  );
  return { sut, clock, lines, suppressed: () => suppressed };
}

describe(BoundedLog.name, () => {
  it('leaves out what is too much of one subject, and tells how many with the next line', () => {
    const { sut, clock, lines, suppressed } = aLog();
    for (let n = 0; n < 80; n += 1) sut.write('loud', { n });
    expect(lines).toHaveLength(50);
    expect(suppressed()).toBe(30);
    sut.write('quiet', { quiet: true });
    expect(lines.at(-1)).toEqual({ quiet: true, suppressed: 30 });
    clock.advance(1_000);
    sut.write('loud', {});
    expect(lines.at(-1)).toEqual({});
  });

  it('bounds all subjects together', () => {
    const { sut, clock, lines } = aLog();
    for (let n = 0; n < 10_000; n += 1) sut.write(`subject ${n}`, {});
    expect(lines).toHaveLength(200);
    clock.advance(1_000);
    for (let n = 0; n < 10_000; n += 1) sut.write(`subject ${n}`, {});
    expect(lines).toHaveLength(210);
  });
});

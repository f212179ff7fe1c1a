import { beforeEach, describe, expect, it } from '@jest/globals';
import { ManualClock } from '../../../../test/support/manual-clock.js';
import { RecordingLogger } from '../../../../test/support/recording-logger.js';
import type { LogEntry } from '../ports/log-feed.port.js';
import { DeskLogger } from './desk-logger.js';
import { LogDesk } from './log-desk.js';

describe(LogDesk.name, () => {
  let desk: LogDesk;
  let writer: RecordingLogger;
  let log: DeskLogger;

  beforeEach(() => {
    desk = new LogDesk(new ManualClock(), 'info');
    writer = new RecordingLogger();
    log = new DeskLogger(desk, writer);
  });

  const heard = () => {
    const entries: LogEntry[] = [];
    desk.entries$.subscribe((entry) => entries.push(entry));
    return entries;
  };
  const sayAll = (module: string) => {
    const child = log.child(module);
    child.debug('d');
    child.info('i');
    child.warn('w');
    child.error('e');
  };

  it.each([
    { level: 'debug', written: 'diwe' },
    { level: 'info', written: 'iwe' },
    { level: 'warn', written: 'we' },
    { level: 'error', written: 'e' },
    { level: 'off', written: '' },
  ] as const)('at $level writes "$written", and hands out all', ({ level, written }) => {
    const entries = heard();
    desk.setAll(level);
    sayAll('sync');
    expect(writer.lines.map(({ message }) => message).join('')).toBe(written);
    expect(entries.map(({ message }) => message).join('')).toBe('diwe');
  });

  it('goes by the level of a module, for all below it, until that is taken back', () => {
    desk.setModule('sync', 'error');
    desk.setModule('sync.gossip', 'debug');
    sayAll('network');
    sayAll('sync');
    sayAll('sync.gossip');
    sayAll('sync.other');
    sayAll('syncer');
    expect(writer.lines.map(({ message }) => message).join('')).toBe('iwe' + 'e' + 'diwe' + 'e' + 'iwe');
    expect([...desk.modules]).toEqual([
      ['sync', 'error'],
      ['sync.gossip', 'debug'],
    ]);
    desk.setModule('sync', undefined);
    sayAll('sync');
    expect(writer.lines.slice(-3).map(({ message }) => message)).toEqual(['i', 'w', 'e']);
  });

  it('keeps the last thousand of what matters', () => {
    log.debug('nobody wants it');
    for (let i = 0; i < 1_005; i++) log.info(`${i}`);
    expect(desk.recent(2_000)).toHaveLength(1_000);
    expect(desk.recent(2).map(({ message }) => message)).toEqual(['1003', '1004']);
    expect(desk.recent(0)).toEqual([]);
  });

  it('keeps and hands out bounded, printable text', () => {
    const entries = heard();
    const many = Object.fromEntries(Array.from({ length: 100 }, (_, at) => [`field${at}`, at]));
    log.warn('a\nb', {
      peer: '\u001b[2J',
      nothing: undefined,
      error: new Error('x'),
      n: 5n,
      deep: { a: 1n },
    });
    log.warn('x'.repeat(10_000), { ...many, long: 'y'.repeat(10_000) });
    expect(entries[0]).toMatchObject({
      level: 'warn',
      module: '',
      message: 'a\\u000ab',
      fields: { peer: '\\u001b[2J', error: 'x', n: '5', deep: '{"a":"1"}' },
    });
    expect(entries[1]?.message).toHaveLength(512);
    expect(Object.keys(entries[1]?.fields ?? {})).toHaveLength(32);
    expect(entries).toEqual(desk.recent(2));
  });

  it('does not hand out what a reader causes, but writes it', () => {
    const entries: LogEntry[] = [];
    desk.entries$.subscribe((entry) => {
      entries.push(entry);
      log.info('read');
    });
    log.info('said');
    expect(entries.map(({ message }) => message)).toEqual(['said']);
    expect(writer.messages('info')).toEqual(['read', 'said']);
  });
});

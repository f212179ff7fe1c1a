import { EventEmitter } from 'node:events';
import { create } from '@bufbuild/protobuf';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { type Observable, Subject } from 'rxjs';
import { RecordingLogger } from '../../../test/support/recording-logger.js';
import { LogLevel, LogsRequestSchema, SetLogLevelRequestSchema } from '../../gen/edgekeeper/v1/node_pb.js';
import type { LogEntry, LogFeed, LogLevels, LogThreshold } from '../telemetry/index.js';
import { LogsController } from './logs.controller.js';

class Call extends EventEmitter {
  readonly written: { message: string }[] = [];
  writableNeedDrain = false;
  write(message: unknown): boolean {
    this.written.push(message as { message: string });
    return true;
  }
}

class Feed implements LogFeed {
  readonly entries = new Subject<LogEntry>();
  readonly entries$: Observable<LogEntry> = this.entries;
  before: LogEntry[] = [];
  recent(count: number): readonly LogEntry[] {
    return count === 0 ? [] : this.before.slice(-count);
  }
}

class Levels implements LogLevels {
  all: LogThreshold = 'info';
  readonly modules = new Map<string, LogThreshold>();
  setAll(level: LogThreshold): void {
    this.all = level;
  }
  setModule(module: string, level: LogThreshold | undefined): void {
    if (level === undefined) this.modules.delete(module);
    else this.modules.set(module, level);
  }
}

const entry = (change: Partial<LogEntry> = {}): LogEntry => ({
  ...{ atMs: 1.5, level: 'info', module: 'sync.gossip', message: 'said', fields: { code: 'SYNC.STALLED' } },
  ...change,
});

describe(LogsController.name, () => {
  let feed: Feed;
  let levels: Levels;
  let log: RecordingLogger;
  let closing: AbortController;
  let call: Call;
  let sut: LogsController;

  beforeEach(() => {
    feed = new Feed();
    levels = new Levels();
    log = new RecordingLogger();
    closing = new AbortController();
    call = new Call();
    sut = new LogsController(feed, levels, { subscriberCapacity: 2 }, closing.signal, log);
  });

  const read = (init: Parameters<typeof create<typeof LogsRequestSchema>>[1] = {}) => {
    const errors: unknown[] = [];
    const stream$ = sut.logs(create(LogsRequestSchema, init), undefined, call);
    return { errors, subscription: stream$.subscribe({ error: (error) => errors.push(error) }) };
  };

  it.each([
    { name: 'from info on without a level', request: {}, change: {}, isSent: true },
    { name: 'no debug without a level', request: {}, change: { level: 'debug' }, isSent: false },
    { name: 'debug', request: { leastLevel: LogLevel.DEBUG }, change: { level: 'debug' }, isSent: true },
    {
      name: 'no warning for errors',
      request: { leastLevel: LogLevel.ERROR },
      change: { level: 'warn' },
      isSent: false,
    },
    { name: 'what is below a module', request: { module: 'sync' }, change: {}, isSent: true },
    { name: 'no module of a like name', request: { module: 'syn' }, change: {}, isSent: false },
    { name: 'a code by its beginning', request: { code: 'SYNC.' }, change: {}, isSent: true },
    { name: 'no other code', request: { code: 'NETWORK.' }, change: {}, isSent: false },
    { name: 'no entry without a code', request: { code: 'SYNC.' }, change: { fields: {} }, isSent: false },
  ] as const)('sends $name', ({ request, change, isSent }) => {
    read(request);
    feed.entries.next(entry(change));
    expect(call.written.length === 1).toBe(isSent);
  });

  it('sends what was said before, then what is said', () => {
    feed.before = ['a', 'b', 'c', 'd'].map((message) => entry({ message }));
    call.writableNeedDrain = true;
    const { errors } = read({ recent: 3 });
    call.writableNeedDrain = false;
    call.emit('drain');
    feed.entries.next(entry({ message: 'e' }));
    expect(call.written.map(({ message }) => message)).toEqual(['b', 'c', 'd', 'e']);
    expect(call.written[0]).toMatchObject({ atMs: 1n, level: LogLevel.INFO, module: 'sync.gossip' });
    expect(errors).toEqual([]);
  });

  it('ends a reader that is too slow, and says nothing in the log', () => {
    call.writableNeedDrain = true;
    const { errors } = read();
    for (let i = 0; i < 3; i++) feed.entries.next(entry());
    expect(errors).toMatchObject([{ code: 'SYSTEM.LOG_READER_TOO_SLOW' }]);
    expect(feed.entries.observed).toBe(false);
    expect(log.lines).toEqual([]);
  });

  it('ends with the node', () => {
    const { errors } = read();
    closing.abort(new Error('closing'));
    expect(errors).toEqual([closing.signal.reason]);
  });

  const set = (level: LogLevel, module = '') =>
    sut.setLogLevel(create(SetLogLevelRequestSchema, { level, module }), {});

  it('changes levels, tells them and who changed them', () => {
    expect(set(LogLevel.WARN)).toEqual({ all: LogLevel.WARN, modules: {} });
    expect(set(LogLevel.DEBUG, 'sync')).toEqual({ all: LogLevel.WARN, modules: { sync: LogLevel.DEBUG } });
    expect(set(LogLevel.UNSPECIFIED, 'sync')).toEqual(sut.getLogLevels());
    expect(log.lines.map(({ fields }) => fields)).toEqual([
      { of: 'all', to: 'warn', caller: 'unknown' },
      { of: 'sync', to: 'debug', caller: 'unknown' },
      { of: 'sync', to: 'default', caller: 'unknown' },
    ]);
  });

  it('refuses no level for all, and more modules than there are', () => {
    const codeOf = (act: () => unknown) => {
      try {
        act();
        return 'none';
      } catch (error) {
        return (error as { code: string }).code;
      }
    };
    expect(codeOf(() => set(LogLevel.UNSPECIFIED))).toBe('SYSTEM.REQUEST_INVALID');
    for (let i = 0; i < 64; i++) set(LogLevel.WARN, `m${i}`);
    expect(codeOf(() => set(LogLevel.WARN, 'one-more'))).toBe('SYSTEM.REQUEST_INVALID');
    expect(codeOf(() => set(LogLevel.INFO, 'm1'))).toBe('none');
  });
});

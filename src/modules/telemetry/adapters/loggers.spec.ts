import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Clock } from '../../../common/clock.js';
import type { Logger } from '../../../common/logger.port.js';
import type { TelemetryConfig } from '../telemetry.config.js';
import { openLogSink } from './log-sink.js';
import { PinoLogger } from './pino-logger.js';
import { TextLogger } from './text-logger.js';

const time = '2026-11-22T19:04:12.590Z';
const clock: Clock = {
  nowMs: () => Date.parse(time),
  monotonicMs: () => 0,
  setTimeout: () => () => undefined,
};

let lines: string[];
const sink = { write: (line: string) => void lines.push(line) };

beforeEach(() => {
  lines = [];
});

const kinds: { name: string; create: (level: TelemetryConfig['logLevel']) => Logger }[] = [
  { name: 'TextLogger', create: (level) => new TextLogger(sink, clock, level) },
  { name: 'PinoLogger', create: (level) => PinoLogger.create(sink, clock, level) },
];

describe.each(kinds)('$name', ({ create }) => {
  it.each([
    { level: 'debug', count: 4 },
    { level: 'info', count: 3 },
    { level: 'warn', count: 2 },
    { level: 'error', count: 1 },
    { level: 'off', count: 0 },
  ] as const)('at $level writes $count levels', ({ level, count }) => {
    const log = create(level);
    log.debug('x');
    log.info('x');
    log.warn('x');
    log.error('x');
    expect(lines).toHaveLength(count);
  });

  it('writes one line whatever is in it', () => {
    create('info').info('a', { value: 'b\nc', height: 5n });
    expect(lines).toHaveLength(1);
    expect(lines[0]?.trimEnd()).not.toContain('\n');
  });

  it('writes visible text whatever is in it', () => {
    create('info')
      .child('m\u202e')
      .info('a\u202eb', { peer: 'c\u009b\u007f', list: ['\u2028'] });
    expect(lines[0]?.slice(0, -1)).toMatch(/^[ -~]+$/);
  });
});

describe('TextLogger', () => {
  it('names the module as the Go client does', () => {
    new TextLogger(sink, clock, 'info').child('sync').child('gossip').warn('late', { height: 5 });
    expect(lines).toEqual([`${time} [WARN]  sync.gossip: late: height=5\n`]);
  });
});

describe('PinoLogger', () => {
  it('writes level, time, module, message and fields', () => {
    PinoLogger.create(sink, clock, 'info').child('sync').child('gossip').warn('late', { height: 5n });
    expect(lines.map((line) => JSON.parse(line))).toEqual([
      { level: 'warn', time, module: 'sync.gossip', msg: 'late', height: 5 },
    ]);
  });

  it('loses nothing of what is not visible', () => {
    const text = 'a\u202e\u009b\u{e0001}\n"é🙂';
    PinoLogger.create(sink, clock, 'info').info(text, { text });
    expect(lines.map((line) => JSON.parse(line))).toMatchObject([{ msg: text, text }]);
    expect(lines[0]).toContain('é🙂');
  });
});

describe('openLogSink', () => {
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'edgekeeper-log-'));
  });

  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('adds to a file and makes its folder', () => {
    const path = join(folder, 'new', 'node.log');
    openLogSink(path).write('one\n');
    openLogSink(path).write('two\n');
    expect(readFileSync(path, 'utf8')).toBe('one\ntwo\n');
  });

  it('refuses a file that cannot be written', () => {
    writeFileSync(join(folder, 'file'), '');
    expect(() => openLogSink(join(folder, 'file', 'node.log'))).toThrow(
      expect.objectContaining({ code: 'TELEMETRY.LOG_FILE' }),
    );
    expect(() => openLogSink(folder)).toThrow(expect.objectContaining({ code: 'TELEMETRY.LOG_FILE' }));
  });
});

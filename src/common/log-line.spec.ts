import { describe, expect, it } from '@jest/globals';
import { formatLogLine } from './log-line.js';

const atMs = Date.UTC(2026, 10, 22, 19, 4, 12, 590);

describe('formatLogLine', () => {
  it('is the line of the reference client', () => {
    const fields = { total: 4, from: 5n, to: 9n, progress: '100.00%' };
    expect(formatLogLine(atMs, 'info', 'backup', '4 blocks are written', fields)).toBe(
      '2026-11-22T19:04:12.590Z [INFO]  backup: 4 blocks are written: total=4 from=5 to=9 progress="100.00%"\n',
    );
  });

  it.each([
    { level: 'error', shown: '[ERROR] x' },
    { level: 'warn', shown: '[WARN]  x' },
    { level: 'debug', shown: '[DEBUG] x' },
  ] as const)('shows the level $level', ({ level, shown }) =>
    expect(formatLogLine(atMs, level, '', 'x')).toBe(`2026-11-22T19:04:12.590Z ${shown}\n`),
  );

  it.each([
    { name: 'plain text stays', value: '/ip4/127.0.0.1/tcp/1', shown: '/ip4/127.0.0.1/tcp/1' },
    { name: 'a line break cannot begin a line', value: 'a\nb', shown: '"a\\nb"' },
    { name: 'text that runs backwards is shown as such', value: 'a\u202eb', shown: '"a\\u202eb"' },
    { name: 'a terminal code is none', value: '\u009b31m\u007f', shown: '"\\u009b31m\\u007f"' },
    { name: 'a long text is whole', value: 'a'.repeat(1_000), shown: 'a'.repeat(1_000) },
    { name: 'an empty text is seen', value: '', shown: '""' },
    { name: 'an error shows its message', value: new Error('boom'), shown: 'boom' },
    { name: 'a list', value: ['a', 1n], shown: '"[\\"a\\",\\"1\\"]"' },
    { name: 'a boolean', value: true, shown: 'true' },
    { name: 'null', value: null, shown: 'null' },
    { name: 'what JSON does not know', value: Symbol.iterator, shown: '"Symbol(Symbol.iterator)"' },
  ])('$name', ({ value, shown }) =>
    expect(formatLogLine(atMs, 'info', 'm', 'x', { value })).toBe(
      `2026-11-22T19:04:12.590Z [INFO]  m: x: value=${shown}\n`,
    ),
  );

  it('is one line of visible text whatever the message is', () =>
    expect(formatLogLine(atMs, 'info', 'm', 'a\n\u202eb\u0085')).toBe(
      '2026-11-22T19:04:12.590Z [INFO]  m: a\\u000a\\u202eb\\u0085\n',
    ));

  it('leaves out what is undefined', () =>
    expect(formatLogLine(atMs, 'info', 'm', 'x', { value: undefined })).toBe(
      '2026-11-22T19:04:12.590Z [INFO]  m: x\n',
    ));
});

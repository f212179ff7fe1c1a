import { describe, expect, it } from '@jest/globals';
import { type WebRequest, webFault } from './web-pages.js';

const rules = { allowedHosts: ['Node.example'], allowedOrigins: ['https://App.example/'] };

const sent = (headers: WebRequest['headers'], rawHeaders: readonly string[] = []) => ({
  headers,
  rawHeaders,
});

describe(webFault.name, () => {
  it.each([
    'localhost',
    'LOCALHOST:8545',
    '127.0.0.1:8545',
    '[::1]:8545',
    '[::ffff:10.0.0.7]',
    '10.0.0.7:8545',
    'node.example:8545',
    'NODE.example',
  ])('a call to %s is of no page', (host) => expect(webFault(rules, sent({ host }))).toBeUndefined());

  it.each([
    'evil.example',
    'localhost.evil.example',
    'localhost.',
    'node.example.',
    'evil.example@localhost',
    'localhost:8545:1',
    'localhost:65536',
    'localhost:8545/x',
    'localhost, evil.example',
    '[localhost]',
    '[::1',
    '127.1',
    '',
    undefined,
  ])('a call to %s may be of any page', (host) => expect(webFault(rules, sent({ host }))).toBe('host'));

  it.each([
    { origin: undefined, expected: undefined },
    { origin: 'https://app.example', expected: undefined },
    { origin: 'https://App.example', expected: 'origin' },
    { origin: 'https://app.example/', expected: 'origin' },
    { origin: 'https://app.example:8443', expected: 'origin' },
    { origin: 'http://app.example', expected: 'origin' },
    { origin: 'https://app.example.evil.example', expected: 'origin' },
    { origin: 'http://localhost:8545', expected: 'origin' },
    { origin: 'null', expected: 'origin' },
    { origin: '', expected: 'origin' },
  ])('origin $origin: $expected', ({ origin, expected }) =>
    expect(webFault(rules, sent({ host: 'localhost', origin }))).toBe(expected),
  );

  it('takes any origin only when told, and no other host for that', () => {
    const any = { allowedHosts: [], allowedOrigins: 'any' } as const;
    expect(webFault(any, sent({ host: 'localhost', origin: 'null' }))).toBeUndefined();
    expect(webFault(any, sent({ host: 'evil.example', origin: 'null' }))).toBe('host');
    expect(webFault({ ...any, allowedOrigins: ['*'] }, sent({ host: 'localhost', origin: 'null' }))).toBe(
      'origin',
    );
  });

  it.each([
    { rawHeaders: ['Host', 'localhost'], expected: undefined },
    { rawHeaders: ['x', 'host', 'Host', 'localhost', 'y', 'host'], expected: undefined },
    { rawHeaders: ['Host', 'localhost', 'x', 'y', 'hOST', 'evil.example'], expected: 'hosts' },
    { rawHeaders: ['Host', 'localhost', 'Host', 'localhost'], expected: 'hosts' },
  ])('$rawHeaders: $expected', ({ rawHeaders, expected }) =>
    expect(webFault(rules, sent({ host: 'localhost' }, rawHeaders))).toBe(expected),
  );
});

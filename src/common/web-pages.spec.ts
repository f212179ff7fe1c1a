import { describe, expect, it } from '@jest/globals';
import { foreignHeader } from './web-pages.js';

const rules = { allowedHosts: ['Node.example'], allowedOrigins: ['https://App.example/'] };

describe(foreignHeader.name, () => {
  it.each([
    'localhost',
    'LOCALHOST:8545',
    '127.0.0.1:8545',
    '[::1]:8545',
    '[::ffff:10.0.0.7]',
    '10.0.0.7:8545',
    'node.example:8545',
    'NODE.example',
  ])('a call to %s is of no page', (host) => expect(foreignHeader(rules, { host })).toBeUndefined());

  it.each([
    'evil.example',
    'localhost.evil.example',
    'localhost.',
    'node.example.',
    'evil.example@localhost',
    'localhost:8545:1',
    'localhost:8545/x',
    'localhost, evil.example',
    '[localhost]',
    '[::1',
    '127.1',
    '',
    undefined,
  ])('a call to %s may be of any page', (host) => expect(foreignHeader(rules, { host })).toBe('host'));

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
    expect(foreignHeader(rules, { host: 'localhost', origin })).toBe(expected),
  );

  it('takes any origin only when told, and no other host for that', () => {
    const any = { allowedHosts: [], allowedOrigins: 'any' } as const;
    expect(foreignHeader(any, { host: 'localhost', origin: 'null' })).toBeUndefined();
    expect(foreignHeader(any, { host: 'evil.example', origin: 'null' })).toBe('host');
    expect(foreignHeader({ ...any, allowedOrigins: ['*'] }, { host: 'localhost', origin: 'null' })).toBe(
      'origin',
    );
  });
});

import { describe, expect, it } from '@jest/globals';
import { checkExposure } from './index.js';

describe(checkExposure.name, () => {
  it.each([
    ['127.0.0.1', false, false, 'loopback'],
    ['::1', false, false, 'loopback'],
    ['localhost', false, false, 'loopback'],
    ['127.0.0.1', true, false, 'encrypted'],
    ['0.0.0.0', true, false, 'encrypted'],
    ['0.0.0.0', false, true, 'open'],
    ['node.example', false, true, 'open'],
  ])('%s, TLS %s, allowed %s: %s', (host, hasTls, insecureAllowed, expected) => {
    expect(checkExposure({ host, hasTls, insecureAllowed })).toBe(expected);
  });

  it.each(['0.0.0.0', '::', '10.0.0.1', 'node.example', '127.example.org', 'localhost.example'])(
    'refuses plaintext on %s',
    (host) => {
      expect(() => checkExposure({ host, hasTls: false, insecureAllowed: false })).toThrow(
        expect.objectContaining({ code: 'ACCESS.PLAINTEXT_EXPOSED' }),
      );
    },
  );
});

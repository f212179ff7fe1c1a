import { describe, expect, it } from '@jest/globals';
import { chooseProtocol } from './tls-endpoint.js';

describe(chooseProtocol.name, () => {
  it.each([
    [['h2'], 'h2'],
    [['h2', 'http/1.1'], 'http/1.1'],
    [['http/1.1', 'h2'], 'http/1.1'],
    [['http/1.1'], 'http/1.1'],
    [['grpc-exp', 'h2'], 'h2'],
    [['h3'], undefined],
    [[], undefined],
  ])('of %j it is %s', (offered, expected) => {
    expect(chooseProtocol(offered)).toBe(expected);
  });
});

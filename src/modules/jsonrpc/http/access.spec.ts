import { describe, expect, it } from '@jest/globals';
import { Access } from './access.js';

const access = new Access({ allowedHosts: ['Node.example'], allowedOrigins: ['https://App.example/'] });

describe(Access.name, () => {
  it.each([
    { host: 'localhost', allowed: true },
    { host: 'LOCALHOST:8545', allowed: true },
    { host: 'localhost.', allowed: true },
    { host: '127.0.0.1:8545', allowed: true },
    { host: '[::1]:8545', allowed: true },
    { host: 'node.example:8545', allowed: true },
    { host: '10.0.0.7:8545', allowed: true },
    { host: '10.0.0.8', allowed: false },
    { host: 'evil.example', allowed: false },
    { host: 'localhost.evil.example', allowed: false },
    { host: 'evil.example@localhost', allowed: false },
    { host: 'localhost:8545:1', allowed: false },
    { host: 'localhost, evil.example', allowed: false },
    { host: '', allowed: false },
    { host: undefined, allowed: false },
  ])('host $host at 10.0.0.7: $allowed', ({ host, allowed }) => {
    expect(access.allowsHost(host, '10.0.0.7')).toBe(allowed);
    expect(access.allowsHost(host, '::ffff:10.0.0.7')).toBe(allowed);
  });

  it.each([
    { origin: undefined, allowed: true },
    { origin: 'https://app.example', allowed: true },
    { origin: 'http://app.example', allowed: false },
    { origin: 'https://app.example.evil.example', allowed: false },
    { origin: 'null', allowed: false },
    { origin: '', allowed: false },
    { origin: 'http://localhost:8545', allowed: false },
  ])('origin $origin: $allowed', ({ origin, allowed }) => expect(access.allowsOrigin(origin)).toBe(allowed));

  it('allows any origin only when told', () => {
    const any = new Access({ allowedHosts: [], allowedOrigins: ['*'] });
    expect(any.allowsOrigin('null')).toBe(true);
    expect(any.allowsHost('evil.example', '10.0.0.7')).toBe(false);
  });
});

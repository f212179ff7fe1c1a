import { describe, expect, it } from '@jest/globals';
import { isLoopbackHost, isLoopbackIp, siteOf } from './ip-address.js';

describe(isLoopbackIp.name, () => {
  it.each([
    ['127.0.0.1', true],
    ['127.9.9.9', true],
    ['::1', true],
    ['::ffff:127.0.0.1', true],
    ['::ffff:10.0.0.1', false],
    ['10.127.0.1', false],
    ['::', false],
    ['fe80::1', false],
    ['', false],
  ])('%s: %s', (ip, expected) => {
    expect(isLoopbackIp(ip)).toBe(expected);
  });
});

describe(isLoopbackHost.name, () => {
  it.each([
    ['localhost', true],
    ['127.0.0.2', true],
    ['127.evil.example', false],
    ['0.0.0.0', false],
  ])('%s: %s', (host, expected) => {
    expect(isLoopbackHost(host)).toBe(expected);
  });
});

describe(siteOf.name, () => {
  it.each([
    ['10.0.0.1', '10.0.0.1'],
    ['::ffff:10.0.0.1', '10.0.0.1'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2'],
    ['2001:db8:1:2::9', '2001:db8:1:2'],
    ['2001:db8::9', '2001:db8:0:0'],
  ])('%s counts as %s', (ip, expected) => {
    expect(siteOf(ip)).toBe(expected);
  });
});

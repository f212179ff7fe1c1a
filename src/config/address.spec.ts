import { describe, expect, it } from '@jest/globals';
import { parseDnsAddress, parseListenAddress, parseTcpAddress } from './address.js';
import { SettingFault } from './setting.js';

describe('parseTcpAddress', () => {
  it.each([
    { text: '127.0.0.1:9632', host: '127.0.0.1', port: 9632 },
    { text: ':5001', host: '0.0.0.0', port: 5001 },
    { text: 'node.example:0', host: 'node.example', port: 0 },
    { text: '[::1]:65535', host: '::1', port: 65_535 },
  ])('$text', ({ text, host, port }) => expect(parseTcpAddress(text, '0.0.0.0')).toEqual({ host, port }));

  it.each([
    {
      text: '127.0.0.1',
      says: "failed to parse addr '127.0.0.1': address 127.0.0.1: missing port in address",
    },
    { text: 'http://0.0.0.0:8545', says: 'too many colons in address' },
    { text: '::1', says: 'too many colons in address' },
    { text: '[::1]', says: 'missing port in address' },
    { text: '[1.2.3.4]:1', says: 'not an IPv6 address' },
    { text: 'a:65536', says: 'address 65536: invalid port' },
    { text: 'a:http', says: 'invalid port' },
    { text: 'a:', says: 'invalid port' },
    { text: 'a:-1', says: 'invalid port' },
  ])('refuses $text', ({ text, says }) => {
    expect(() => parseTcpAddress(text, '0.0.0.0')).toThrow(SettingFault);
    expect(() => parseTcpAddress(text, '0.0.0.0')).toThrow(says);
  });
});

describe('parseListenAddress', () => {
  it.each([
    { text: ':1478', host: '127.0.0.1' },
    { text: 'localhost:1478', host: '127.0.0.1' },
    { text: '0.0.0.0:1478', host: '0.0.0.0' },
  ])('$text', ({ text, host }) => expect(parseListenAddress(text)).toEqual({ host, port: 1478 }));

  it.each(['[::1]:1478', 'node.example:1478'])('refuses %s', (text) =>
    expect(() => parseListenAddress(text)).toThrow(SettingFault),
  );
});

describe('parseDnsAddress', () => {
  it.each([
    { text: 'dns4/example.com', is: 'dns4/example.com' },
    { text: '/dns4/ex-ample.com', is: 'dns4/ex-ample.com' },
    { text: '/dns6/foo.io/', is: 'dns6/foo.io' },
    { text: '/dns/localhost', is: 'dns/localhost' },
    { text: '/dns4/a.example.com', is: 'dns4/a.example.com' },
  ])('$text', ({ text, is }) => expect(parseDnsAddress(text)).toBe(is));

  it.each([
    '',
    'example.com',
    'dns5/x.com',
    'dns4/-x.com',
    'dns4/x_y.com',
    'dns4/a..b',
    'dns4/x.com/tcp/1',
    `dns4/${'a'.repeat(64)}`,
    `dns4/${'a.'.repeat(127)}a`,
  ])('refuses %j', (text) => expect(() => parseDnsAddress(text)).toThrow(SettingFault));
});

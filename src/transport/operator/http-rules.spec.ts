import { describe, expect, it } from '@jest/globals';
import { judgeHttp } from './http-rules.js';

const rules = { allowedHosts: ['node.example'], allowedOrigins: ['https://console.example'] };

describe(judgeHttp.name, () => {
  it.each([
    ['localhost:9632', 'allowed'],
    ['LOCALHOST', 'allowed'],
    ['127.0.0.1:9632', 'allowed'],
    ['[::1]:9632', 'allowed'],
    ['node.example', 'allowed'],
    ['node.example:443', 'allowed'],
    ['rebound.example:9632', 'refused'],
    ['localhost.rebound.example', 'refused'],
    ['localhost@rebound.example', 'refused'],
    ['localhost:9632/x', 'refused'],
    ['', 'refused'],
    [undefined, 'refused'],
  ])('a call to %s is %s', (host, kind) => {
    expect(judgeHttp(rules, 'POST', { host }).kind).toBe(kind);
  });

  it.each([
    ['https://console.example', 'allowed'],
    ['https://console.example:8443', 'refused'],
    ['http://console.example', 'refused'],
    ['https://evil.example', 'refused'],
    ['http://127.0.0.1:9632', 'refused'],
    ['null', 'refused'],
    ['', 'refused'],
  ])('a page of %j is %s', (origin, kind) => {
    expect(judgeHttp(rules, 'POST', { host: 'localhost', origin }).kind).toBe(kind);
  });

  it('tells the browser what an allowed page may send and see', () => {
    const headers = { host: 'localhost', origin: 'https://console.example' };
    const preflight = judgeHttp(rules, 'OPTIONS', headers);
    expect(preflight).toMatchObject({
      kind: 'preflight',
      headers: {
        'access-control-allow-origin': 'https://console.example',
        'access-control-allow-headers': expect.stringContaining('Authorization'),
      },
    });
    expect(preflight).not.toHaveProperty('headers.access-control-allow-private-network');
    expect(judgeHttp(rules, 'POST', headers)).toMatchObject({
      headers: { vary: 'Origin', 'access-control-expose-headers': expect.stringContaining('Grpc-Status') },
    });
  });

  it('answers what a browser asks before it lets a page reach into a private network', () => {
    const headers = {
      host: 'localhost',
      origin: 'https://console.example',
      'access-control-request-private-network': 'true',
    };
    expect(judgeHttp(rules, 'OPTIONS', headers)).toMatchObject({
      headers: { 'access-control-allow-private-network': 'true' },
    });
  });

  it('has nothing for OPTIONS of no page', () => {
    expect(judgeHttp(rules, 'OPTIONS', { host: 'localhost' }).kind).toBe('refused');
  });
});

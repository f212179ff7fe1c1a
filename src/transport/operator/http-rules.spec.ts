import { describe, expect, it } from '@jest/globals';
import { judgeHttp } from './http-rules.js';

const rules = { allowedHosts: ['node.example'], allowedOrigins: ['https://console.example'] };

describe(judgeHttp.name, () => {
  it.each([
    { headers: { host: 'node.example:443' }, reason: undefined },
    { headers: { host: 'localhost:9632', origin: 'https://console.example' }, reason: undefined },
    { headers: { host: 'rebound.example:9632' }, reason: /system\.allowedHosts/ },
    { headers: { host: 'localhost', origin: 'https://evil.example' }, reason: /system\.allowedOrigins/ },
  ])('$headers is refused for $reason', ({ headers, reason }) => {
    expect(judgeHttp(rules, 'POST', headers)).toMatchObject(
      reason === undefined ? { kind: 'allowed' } : { kind: 'refused', reason: expect.stringMatching(reason) },
    );
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

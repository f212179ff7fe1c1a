import { describe, expect, it } from '@jest/globals';
import { judgeHttp } from './http-rules.js';

const rules = { allowedHosts: ['node.example'], allowedOrigins: ['https://console.example'] };

const sent = (method: string, headers: Record<string, string>, rawHeaders: string[] = []) => ({
  method,
  headers,
  rawHeaders,
});

describe(judgeHttp.name, () => {
  it.each([
    { headers: { host: 'node.example:443' }, reason: undefined },
    { headers: { host: 'localhost:9632', origin: 'https://console.example' }, reason: undefined },
    { headers: { host: 'rebound.example:9632' }, reason: /system\.allowedHosts/ },
    { headers: { host: 'localhost', origin: 'https://evil.example' }, reason: /system\.allowedOrigins/ },
  ])('$headers is refused for $reason', ({ headers, reason }) => {
    expect(judgeHttp(rules, sent('POST', headers))).toMatchObject(
      reason === undefined ? { kind: 'allowed' } : { kind: 'refused', reason: expect.stringMatching(reason) },
    );
  });

  it('more than one Host is no request', () => {
    const request = sent('POST', { host: 'localhost' }, ['Host', 'localhost', 'Host', 'evil.example']);
    expect(judgeHttp(rules, request)).toMatchObject({ kind: 'refused', status: 400 });
  });

  it('tells the browser what an allowed page may send and see', () => {
    const headers = { host: 'localhost', origin: 'https://console.example' };
    const preflight = judgeHttp(rules, sent('OPTIONS', headers));
    expect(preflight).toMatchObject({
      kind: 'preflight',
      headers: {
        'access-control-allow-origin': 'https://console.example',
        'access-control-allow-headers': expect.stringContaining('Authorization'),
      },
    });
    expect(preflight).not.toHaveProperty('headers.access-control-allow-private-network');
    expect(judgeHttp(rules, sent('POST', headers))).toMatchObject({
      headers: { vary: 'Origin', 'access-control-expose-headers': expect.stringContaining('Grpc-Status') },
    });
  });

  it('answers what a browser asks before it lets a page reach into a private network', () => {
    const headers = {
      host: 'localhost',
      origin: 'https://console.example',
      'access-control-request-private-network': 'true',
    };
    expect(judgeHttp(rules, sent('OPTIONS', headers))).toMatchObject({
      headers: { 'access-control-allow-private-network': 'true' },
    });
  });

  it('has nothing for OPTIONS of no page', () => {
    expect(judgeHttp(rules, sent('OPTIONS', { host: 'localhost' })).kind).toBe('refused');
  });
});

import { describe, expect, it } from '@jest/globals';
import { type LoadOptions, loadSettings } from './load.js';

const given = (flags: LoadOptions['flags']) =>
  loadSettings({ needsChainFile: false, env: {}, flags: { 'data-dir': 'd', ...flags } });

describe('settings of JSON-RPC', () => {
  it('have it off, and nothing allowed to web pages', () => {
    expect(given({}).settings.jsonrpc).toMatchObject({
      host: '127.0.0.1',
      allowedOrigins: [],
      batchLimit: 20,
      websocketMessageBytes: 8_192,
    });
    expect(given({}).settings.jsonrpc.port).toBeUndefined();
  });

  it('are set by the flags of the Go client', () => {
    const { settings, warnings } = given({
      jsonrpc: '0.0.0.0:8545',
      'access-control-allow-origins': ['https://a.example', 'https://b.example'],
      'json-rpc-batch-request-limit': '5',
      'websocket-read-limit': '1000',
    });
    expect(warnings).toEqual([]);
    expect(settings.jsonrpc).toMatchObject({
      ...{ host: '0.0.0.0', port: 8545, batchLimit: 5, websocketMessageBytes: 1_000 },
      allowedOrigins: ['https://a.example', 'https://b.example'],
    });
  });

  it('bind a port alone to loopback', () => {
    expect(given({ jsonrpc: ':8545' }).settings.jsonrpc).toMatchObject({ host: '127.0.0.1', port: 8545 });
  });

  it('take no limit for the highest one there is', () => {
    const limits = { 'json-rpc-batch-request-limit': '0', 'websocket-read-limit': '0' };
    expect(given(limits).settings.jsonrpc).toMatchObject({
      ...{ batchLimit: 1_000, websocketMessageBytes: 1_048_576 },
    });
  });

  it('say that the default of the Go client is no address', () => {
    const { settings, warnings } = given({ jsonrpc: 'http://0.0.0.0:8545' });
    expect(settings.jsonrpc.port).toBeUndefined();
    expect(warnings).toEqual([expect.stringMatching(/^--jsonrpc has no effect/)]);
  });

  it.each(['8545', 'http://127.0.0.1:8545', '127.0.0.1:99999'])('refuse %s', (address) => {
    expect(() => given({ jsonrpc: address })).toThrow(expect.objectContaining({ code: 'CONFIG.INVALID' }));
  });
});

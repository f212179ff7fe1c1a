import { Code, ConnectError } from '@connectrpc/connect';
import { describe, expect, it } from '@jest/globals';
import { RpcError, rpcErrorOf } from './rpc-error.js';

const dial = (cause: unknown) => new ConnectError('x', Code.Internal, undefined, undefined, cause);
const system = (code: string, more = {}) => Object.assign(new Error(code), { code, ...more });

describe('rpcErrorOf', () => {
  it.each([
    {
      name: 'a status',
      error: new ConnectError('block #1 not found', Code.NotFound),
      says: 'code = NotFound desc = block #1 not found',
    },
    {
      name: 'a refused connection',
      error: dial(system('ECONNREFUSED', { address: '127.0.0.1', port: 5 })),
      says: 'desc = connection error: desc = "transport: Error while dialing: dial tcp 127.0.0.1:5: connect: connection refused"',
    },
    {
      name: 'a name with several addresses',
      error: dial(
        Object.assign(new Error(), { errors: [system('ECONNREFUSED', { address: '::1', port: 5 })] }),
      ),
      says: 'dial tcp [::1]:5: connect: connection refused',
    },
    {
      name: 'an unknown name',
      error: dial(system('ENOTFOUND')),
      says: 'dial tcp: lookup node: no such host',
    },
    {
      name: 'no route',
      error: dial(system('EHOSTUNREACH')),
      says: 'dial tcp node:9: connect: no route to host',
    },
    {
      name: 'what speaks no HTTP/2',
      error: dial(system('ERR_HTTP2_ERROR')),
      says: 'code = Unavailable desc = connection error: desc = "error reading server preface: what answers at node:9 speaks no HTTP/2: ',
    },
    {
      name: 'what speaks no TLS',
      error: dial(system('ERR_SSL_WRONG_VERSION_NUMBER')),
      says: 'desc = "transport: authentication handshake failed: what answers at node:9 speaks no TLS: ',
    },
    {
      name: 'a status of a node that cancelled',
      error: new ConnectError('stopping', Code.Canceled),
      says: 'code = Canceled desc = stopping',
    },
    {
      name: 'a connection that died',
      error: new ConnectError('http/2 stream closed with error code CANCEL (0x8)', Code.Canceled),
      says: 'code = Unavailable desc = connection to node:9 lost',
    },
    {
      name: 'a connection that was cut',
      error: new ConnectError(
        'x',
        Code.Aborted,
        undefined,
        undefined,
        system('ECONNRESET', { syscall: 'read' }),
      ),
      says: 'code = Unavailable desc = connection to node:9 lost',
    },
  ])('$name', ({ error, says }) => {
    const failure = rpcErrorOf(error, 'node:9');
    expect(failure).toBeInstanceOf(RpcError);
    expect(String(failure)).toContain(`rpc error: `);
    expect(String(failure)).toContain(says);
  });

  it('leaves other errors alone', () => {
    const error = new Error('x');
    expect(rpcErrorOf(error, 'node:9')).toBe(error);
  });
});

import { describe, expect, it } from '@jest/globals';
import { firstValueFrom } from 'rxjs';
import { GrpcStatus, GrpcStatusError } from '../../common/grpc-status.js';
import { type LogFields, SilentLogger } from '../../common/logger.port.js';
import { AccessError } from '../access/index.js';
import { BlockchainError } from '../blockchain/index.js';
import { NetworkError } from '../network/index.js';
import { TxPoolError } from '../txpool/index.js';
import { GrpcExceptionFilter } from './grpc-exception.filter.js';
import { grpcStatusFor } from './grpc-status.mapper.js';
import { SystemError } from './system.errors.js';

const peerId = 'peer';

describe(grpcStatusFor.name, () => {
  it.each([
    [
      new SystemError({ code: 'SYSTEM.REQUEST_INVALID', field: 'A', rule: 'b', value: '', isStream: false }),
      'INVALID_ARGUMENT',
      'request validation failed: invalid A: b',
    ],
    [
      new SystemError({ code: 'SYSTEM.REQUEST_INVALID', field: 'A', rule: 'b', value: '', isStream: true }),
      'INVALID_ARGUMENT',
      'invalid A: b',
    ],
    [
      new SystemError({ code: 'SYSTEM.REQUEST_TOO_LARGE', path: '/a/B', maxBytes: 9 }),
      'RESOURCE_EXHAUSTED',
      'the request of /a/B has more than 9 bytes',
    ],
    [new SystemError({ code: 'SYSTEM.BLOCK_NOT_FOUND', number: 5n }), 'NOT_FOUND', 'block #5 not found'],
    [
      new SystemError({ code: 'SYSTEM.EXPORT_RANGE_INVALID', from: 2n, to: 1n }),
      'OUT_OF_RANGE',
      'to must be greater than from',
    ],
    [new SystemError({ code: 'SYSTEM.NO_ADDRESS' }), 'FAILED_PRECONDITION', 'no dial addresses found'],
    [
      new SystemError({ code: 'SYSTEM.SUBSCRIBER_TOO_SLOW', resumeFrom: 9 }),
      'RESOURCE_EXHAUSTED',
      'the subscriber reads too slowly; resume from block 9',
    ],
    [
      new SystemError({ code: 'SYSTEM.SUBSCRIBER_TOO_SLOW' }),
      'RESOURCE_EXHAUSTED',
      'the subscriber reads too slowly',
    ],
    [new TxPoolError({ code: 'TXPOOL.BAD_SIGNATURE' }), 'INVALID_ARGUMENT', 'cannot extract signature'],
    [
      new TxPoolError({ code: 'TXPOOL.UNDERPRICED', price: 1n, minPrice: 2n }),
      'FAILED_PRECONDITION',
      'transaction underpriced',
    ],
    [new TxPoolError({ code: 'TXPOOL.ALREADY_KNOWN', hash: '0x' }), 'ALREADY_EXISTS', 'already known'],
    [new TxPoolError({ code: 'TXPOOL.FULL' }), 'RESOURCE_EXHAUSTED', 'txpool is full'],
    [new SystemError({ code: 'SYSTEM.SHUTTING_DOWN' }), 'UNAVAILABLE', 'the node is shutting down'],
    [
      new SystemError({ code: 'SYSTEM.TOO_MANY_CALLS', limit: 9 }),
      'RESOURCE_EXHAUSTED',
      'no more than 9 calls at a time',
    ],
    [
      new SystemError({ code: 'SYSTEM.METADATA_INVALID' }),
      'INVALID_ARGUMENT',
      'the metadata has characters that gRPC does not allow',
    ],
    [
      new SystemError({ code: 'SYSTEM.METADATA_TOO_LARGE', maxBytes: 9 }),
      'RESOURCE_EXHAUSTED',
      'the metadata of the call has more than 9 bytes',
    ],
    [
      new SystemError({ code: 'SYSTEM.COMPRESSED', path: '/a/B' }),
      'UNIMPLEMENTED',
      'the request of /a/B is compressed, which is not supported',
    ],
    [
      new SystemError({ code: 'SYSTEM.METHOD_UNKNOWN', service: 'a.B' }),
      'UNIMPLEMENTED',
      'unknown service a.B',
    ],
    [
      new SystemError({ code: 'SYSTEM.METHOD_UNKNOWN', service: 'a.B', method: 'C' }),
      'UNIMPLEMENTED',
      'unknown method C for service a.B',
    ],
    [
      new SystemError({ code: 'SYSTEM.CALL_TIMEOUT', path: '/a/B', timeoutMs: 9 }),
      'DEADLINE_EXCEEDED',
      '/a/B was not answered within 9 ms',
    ],
    [
      new SystemError({ code: 'SYSTEM.TLS_INVALID', reason: 'no' }),
      'UNAVAILABLE',
      'certificate and key of the operator API: no',
    ],
    [
      new SystemError({ code: 'SYSTEM.LISTEN_FAILED', address: ':1', reason: 'taken' }),
      'UNAVAILABLE',
      'cannot listen on :1 (--grpc-address): taken',
    ],
    [
      new AccessError({ code: 'ACCESS.UNAUTHENTICATED', reason: 'no credentials' }),
      'UNAUTHENTICATED',
      'a token or a client certificate is needed',
    ],
    [
      new AccessError({ code: 'ACCESS.UNAUTHENTICATED', reason: 'token unknown' }),
      'UNAUTHENTICATED',
      'the token is not known to this node',
    ],
    [
      new AccessError({ code: 'ACCESS.TOKEN_NEEDED', path: '/a/B' }),
      'UNAUTHENTICATED',
      '/a/B changes the node: from a web page it needs a token',
    ],
    [
      new AccessError({ code: 'ACCESS.FORBIDDEN', path: '/a/B', role: 'viewer', needed: 'admin' }),
      'PERMISSION_DENIED',
      '/a/B needs the role admin, yours is viewer',
    ],
    [
      new AccessError({ code: 'ACCESS.TOO_MANY_FAILURES', waitMs: 9 }),
      'RESOURCE_EXHAUSTED',
      'too many failed attempts: wait 9 ms',
    ],
    [
      new AccessError({ code: 'ACCESS.RATE_LIMITED', callsPerSecond: 2, waitMs: 9 }),
      'RESOURCE_EXHAUSTED',
      'more than 2 calls a second: wait 9 ms',
    ],
    [
      new AccessError({ code: 'ACCESS.TOO_MANY_CALLS', limit: 2 }),
      'RESOURCE_EXHAUSTED',
      'no more than 2 calls at a time of one identity',
    ],
    [new AccessError({ code: 'ACCESS.PAGE_REFUSED', reason: 'no' }), 'PERMISSION_DENIED', 'no'],
    [
      new AccessError({ code: 'ACCESS.TOO_MANY_STREAMS', scope: 'identity', limit: 2 }),
      'RESOURCE_EXHAUSTED',
      'no more than 2 streams of one identity',
    ],
    [
      new AccessError({ code: 'ACCESS.TOO_MANY_CONNECTIONS', scope: 'node', limit: 2 }),
      'RESOURCE_EXHAUSTED',
      'no more than 2 connections in all',
    ],
    [
      new AccessError({ code: 'ACCESS.HANDSHAKE_FAILED', reason: 'CERT_HAS_EXPIRED' }),
      'UNAUTHENTICATED',
      'no TLS connection: CERT_HAS_EXPIRED',
    ],
    [
      new AccessError({ code: 'ACCESS.PLAINTEXT_EXPOSED', host: '::' }),
      'FAILED_PRECONDITION',
      'the operator API on :: would be open to the network in plaintext: give it a certificate (--grpc-tls-cert, --grpc-tls-key), or allow it expressly (--grpc-insecure-remote)',
    ],
    [
      new AccessError({ code: 'ACCESS.TOKEN_FILE', path: 'f', reason: 'is no file' }),
      'FAILED_PRECONDITION',
      'token file f: is no file',
    ],
    [
      new NetworkError({ code: 'NETWORK.BAD_ADDRESS', address: 'x', reason: 'invalid p2p multiaddr' }),
      'INVALID_ARGUMENT',
      'invalid p2p multiaddr',
    ],
    [
      new NetworkError({ code: 'NETWORK.BAD_REQUEST', field: 'f', reason: 'r' }),
      'INVALID_ARGUMENT',
      'request validation failed: r',
    ],
    [
      new NetworkError({ code: 'NETWORK.DIAL_TIMEOUT', peerId, timeoutMs: 5 }),
      'DEADLINE_EXCEEDED',
      'dialing peer took more than 5 ms',
    ],
    [new NetworkError({ code: 'NETWORK.CANCELLED' }), 'CANCELLED', 'cancelled'],
    [new NetworkError({ code: 'NETWORK.NOT_CONNECTED', peerId }), 'UNAVAILABLE', 'not connected to peer'],
    [
      new NetworkError({ code: 'NETWORK.NO_FREE_SLOT', peerId, direction: 'inbound' }),
      'RESOURCE_EXHAUSTED',
      'no free inbound slot for peer',
    ],
    [
      new NetworkError({ code: 'NETWORK.BANNED', target: '10.0.0.0/8', reason: 'spam' }),
      'FAILED_PRECONDITION',
      '10.0.0.0/8 is banned: spam',
    ],
    [
      new NetworkError({ code: 'NETWORK.QUEUE_FULL', peerId }),
      'RESOURCE_EXHAUSTED',
      'the dial queue is full, so peer is not dialed',
    ],
    [
      new NetworkError({ code: 'NETWORK.ADDRESS_REFUSED', address: '/p2p/x', reason: 'it is this node' }),
      'INVALID_ARGUMENT',
      '/p2p/x is not dialed: it is this node',
    ],
    [
      new NetworkError({ code: 'NETWORK.STORE_FAILED', reason: 'disk full' }),
      'UNAVAILABLE',
      'the peer store failed: disk full',
    ],
    [
      new NetworkError({ code: 'NETWORK.STORE_LOCKED', path: '/data/edgekeeper/peers' }),
      'FAILED_PRECONDITION',
      'data folder /data/edgekeeper/peers is in use by another node',
    ],
    [
      new NetworkError({ code: 'NETWORK.REMOVED_BY_OPERATOR', peerId }),
      'CANCELLED',
      'peer was removed by an operator',
    ],
    [
      new NetworkError({ code: 'NETWORK.PINNED', peerId }),
      'FAILED_PRECONDITION',
      'peer is a static peer: Pin with revoke ends that, then it can be removed',
    ],
    [
      new NetworkError({ code: 'NETWORK.SETUP_INVALID', reason: 'no bootnodes specified' }),
      'FAILED_PRECONDITION',
      'no bootnodes specified',
    ],
    [
      new BlockchainError({ code: 'BLOCKCHAIN.STORE_CORRUPT', number: 3, reason: 'digest' }),
      'DATA_LOSS',
      'the store is damaged at block 3: digest',
    ],
    [new BlockchainError({ code: 'BLOCKCHAIN.STORE_CLOSED' }), 'UNAVAILABLE', 'the store is closed'],
    [
      new BlockchainError({ code: 'BLOCKCHAIN.GENESIS_MISSING' }),
      'FAILED_PRECONDITION',
      'the genesis block is not known yet',
    ],
    [new BlockchainError({ code: 'BLOCKCHAIN.CANCELLED' }), 'CANCELLED', 'cancelled'],
    [
      new BlockchainError({
        code: 'BLOCKCHAIN.BAD_SEAL',
        number: 1,
        rule: 'ibft.proposer-member',
        reason: 'proposer seal by non-validator',
      }),
      'INVALID_ARGUMENT',
      'block 1: proposer seal by non-validator',
    ],
  ] as const)('%s is %s', (error, status, text) => {
    const { code, details, cause } = grpcStatusFor(error);
    expect({ code, details, cause }).toEqual({ code: GrpcStatus[status], details: text, cause: error });
  });

  it('passes a status as it is', () => {
    const status = new GrpcStatusError(GrpcStatus.ABORTED, 'as it is');
    expect(grpcStatusFor(status)).toBe(status);
  });

  it.each([[new Error('secret')], ['secret'], [undefined]])('keeps the text of %p to itself', (error) => {
    const { code, details } = grpcStatusFor(error);
    expect([code, details]).toEqual([GrpcStatus.INTERNAL, 'internal error']);
  });
});

describe(GrpcExceptionFilter.name, () => {
  class RecordingLogger extends SilentLogger {
    readonly errors: (LogFields | undefined)[] = [];
    override error(_message?: string, fields?: LogFields): void {
      this.errors.push(fields);
    }
  }

  it('fails with the status and logs bugs only', async () => {
    const log = new RecordingLogger();
    const sut = new GrpcExceptionFilter(log);
    const refused = sut.catch(new SystemError({ code: 'SYSTEM.NO_ADDRESS' }));
    await expect(firstValueFrom(refused)).rejects.toMatchObject({ code: GrpcStatus.FAILED_PRECONDITION });
    expect(log.errors).toEqual([]);
    await expect(firstValueFrom(sut.catch(new Error('bug')))).rejects.toMatchObject({
      code: GrpcStatus.INTERNAL,
    });
    expect(log.errors).toMatchObject([{ error: 'bug' }]);
  });
});

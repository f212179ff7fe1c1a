import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { loadSync } from '@grpc/proto-loader';
import { describe, expect, it } from '@jest/globals';
import { PeersAddRequestSchema, PeersAddResponseSchema, System } from '../gen/v1/system_pb.js';
import { operatorDefinition, peerCodecs } from './operator-definition.js';
import { serviceCodecs, useGeneratedCodecs } from './service-codecs.js';

describe(serviceCodecs.name, () => {
  const codecs = serviceCodecs([System]);

  it('knows each method by its path and kind', () => {
    const kinds = [...codecs.values()].map(({ path, responseStream }) => [path, responseStream]);
    expect(kinds).toEqual([
      ['/v1.System/GetStatus', false],
      ['/v1.System/PeersAdd', false],
      ['/v1.System/PeersList', false],
      ['/v1.System/PeersStatus', false],
      ['/v1.System/Subscribe', true],
      ['/v1.System/BlockByNumber', false],
      ['/v1.System/Export', true],
    ]);
  });

  it('encodes what a handler returns and decodes what a caller sent', () => {
    const codec = codecs.get('/v1.System/PeersAdd');
    const request = toBinary(PeersAddRequestSchema, create(PeersAddRequestSchema, { id: '/ip4/1.2.3.4' }));
    expect(codec?.decodeRequest(request)).toMatchObject({ id: '/ip4/1.2.3.4' });
    expect(codec?.encodeRequest({ id: '/ip4/1.2.3.4' })).toEqual(request);
    const response = codec?.encodeResponse({ message: 'done' }) ?? new Uint8Array();
    expect(fromBinary(PeersAddResponseSchema, response).message).toBe('done');
    expect(codec?.decodeResponse(response)).toMatchObject({ message: 'done' });
  });

  it('throws on bytes that are no message', () => {
    expect(() => codecs.get('/v1.System/PeersAdd')?.decodeRequest(new Uint8Array([0x0a, 0x05]))).toThrow();
  });

  it('has all services between nodes, and none of the operator', () => {
    expect([...peerCodecs().keys()]).toEqual([
      '/v1.Identity/Hello',
      '/v1.Discovery/FindPeers',
      '/v1.SyncPeer/GetBlocks',
      '/v1.SyncPeer/GetStatus',
    ]);
  });
});

describe(useGeneratedCodecs.name, () => {
  it('gives controllers generated messages: 64-bit integers are bigint', () => {
    const service = operatorDefinition()['v1.System'] as Record<
      string,
      { requestDeserialize(bytes: Buffer): unknown }
    >;
    expect(service.Export?.requestDeserialize(Buffer.from([0x08, 0x07]))).toMatchObject({ from: 7n, to: 0n });
  });

  it('refuses a method without generated code', () => {
    const loaded = loadSync('v1/system.proto', { includeDirs: [`${process.cwd()}/proto`] });
    expect(() => useGeneratedCodecs(loaded, new Map())).toThrow('no generated code for /v1.System/GetStatus');
  });
});

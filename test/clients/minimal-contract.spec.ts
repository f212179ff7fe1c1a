import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Client, credentials, loadPackageDefinition, type ServiceError } from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import { afterAll, describe, expect, it } from '@jest/globals';
import { servedChain } from '../support/served-chain.js';

/** The contract as others published it, where PeersAdd answers nothing. */
const CONTRACT = `syntax = "proto3";
package v1;
import "google/protobuf/empty.proto";
service System {
  rpc GetStatus(google.protobuf.Empty) returns (ServerStatus);
  rpc PeersAdd(PeersAddRequest) returns (google.protobuf.Empty);
  rpc PeersList(google.protobuf.Empty) returns (PeersListResponse);
  rpc PeersStatus(PeersStatusRequest) returns (Peer);
  rpc Subscribe(google.protobuf.Empty) returns (stream BlockchainEvent);
}
message BlockchainEvent {
  repeated Header added = 1;
  repeated Header removed = 2;
  message Header { int64 number = 1; string hash = 2; }
}
message ServerStatus {
  int64 network = 1;
  string genesis = 2;
  Block current = 3;
  string p2pAddr = 4;
  message Block { int64 number = 1; string hash = 2; }
}
message Peer { string id = 1; repeated string protocols = 2; repeated string addrs = 3; }
message PeersAddRequest { string id = 1; }
message PeersStatusRequest { string id = 1; }
message PeersListResponse { repeated Peer peers = 1; }
`;
const PEER = '16Uiu2HAmEyfzDtR3UxJkL4vXTGdiwk5yNGfWbMtXvz8cAwoAtbGm';

type Unary = (request: object, done: (error: ServiceError | null, answer: object) => void) => void;
interface MinimalSystem extends Client {
  readonly [method: string]: unknown;
  Subscribe(request: object): NodeJS.ReadableStream & { cancel(): void };
}

describe('a client made from the minimal contract', () => {
  const served = servedChain();
  const folder = mkdtempSync(join(tmpdir(), 'edgekeeper-contract-'));
  writeFileSync(join(folder, 'system.proto'), CONTRACT);
  const loaded = loadPackageDefinition(loadSync(join(folder, 'system.proto'))) as unknown as {
    v1: { System: new (address: string, credentials: unknown) => MinimalSystem };
  };
  let system: MinimalSystem | undefined;
  const client = () => {
    system ??= new loaded.v1.System(served.address, credentials.createInsecure());
    return system;
  };
  const call = (method: string, request: object) =>
    new Promise<object>((resolve, reject) => {
      const unary = (client()[method] as Unary).bind(client());
      unary(request, (error, answer) => (error ? reject(error) : resolve(answer)));
    });

  afterAll(() => {
    system?.close();
    rmSync(folder, { recursive: true });
  });

  it('gets its answers', async () => {
    await expect(call('GetStatus', {})).resolves.toMatchObject({ network: expect.anything() });
    await expect(call('PeersAdd', { id: `/ip4/127.0.0.1/tcp/1/p2p/${PEER}` })).resolves.toEqual({});
    await expect(call('PeersList', {})).resolves.toEqual({});
    await expect(call('PeersStatus', { id: PEER })).resolves.toMatchObject({ id: PEER });
  });

  it('follows the chain', async () => {
    const stream = client().Subscribe({});
    const event = await new Promise<object>((resolve, reject) => {
      stream.once('data', resolve);
      stream.once('error', reject);
    });
    stream.on('error', () => undefined);
    stream.cancel();
    expect(event).toMatchObject({ added: [{ hash: expect.stringMatching(/^0x[0-9a-f]{64}$/) }] });
  });
});

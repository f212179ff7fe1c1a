import { Client, credentials } from '@grpc/grpc-js';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { GrpcStatus } from '../../src/common/grpc-status.js';
import { NetworkError, PEER_PROTOCOLS, type PeerProtocols } from '../../src/modules/network/index.js';
import { aKey, singleValidatorGenesis, TestNode } from '../support/test-node.js';
import { waitFor } from '../support/wait-for.js';

const OPERATOR = {
  System: ['GetStatus', 'PeersAdd', 'PeersList', 'PeersStatus', 'Subscribe', 'BlockByNumber', 'Export'],
};
const PEER = {
  '/id/0.1': { Identity: ['Hello'] },
  '/disc/0.1': { Discovery: ['FindPeers'] },
  '/syncer/0.2': { SyncPeer: ['GetStatus', 'GetBlocks'] },
} as Record<string, Record<string, string[]>>;

const pathsOf = (services: Record<string, string[]>) =>
  Object.entries(services).flatMap(([service, methods]) =>
    methods.map((method) => `/v1.${service}/${method}`),
  );

const bytes = (value: Uint8Array) => value;

/** Nest gives every gRPC strategy all handlers, so what a door answers is proven door by door. */
describe('what each door answers', () => {
  const validatorKey = aKey();
  const genesis = singleValidatorGenesis(validatorKey, { blockTimeMs: 60_000 });
  let served: TestNode;
  let caller: TestNode;
  let protocols: PeerProtocols;

  beforeAll(async () => {
    served = await TestNode.start({
      genesis: withBootnode(genesis),
      settings: { network: { discovery: true } },
    });
    caller = await TestNode.start({ genesis });
    const connected = waitFor(caller.peers.events$, ({ type }) => type === 'peer:connected');
    await caller.system().peersAdd({ id: served.address });
    await connected;
    protocols = caller.get(PEER_PROTOCOLS);
  });

  afterAll(async () => {
    await caller?.stop();
    await served?.stop();
  });

  const overPeers = async (protocol: string, path: string): Promise<number> => {
    const method = { protocol, path, encode: bytes, decode: bytes, maxResponseBytes: 1_024 };
    const options = { signal: new AbortController().signal, timeoutMs: 5_000 };
    try {
      await protocols.call(served.peers.self, method, new Uint8Array(), options);
      return GrpcStatus.OK;
    } catch (error) {
      if (error instanceof NetworkError && error.detail.code === 'NETWORK.RPC_FAILED')
        return error.detail.status;
      throw error;
    }
  };

  const overOperatorPort = (path: string): Promise<number> => {
    const client = new Client(served.operatorAddress, credentials.createInsecure());
    const buffer = (value: Buffer) => value;
    return new Promise<number>((resolve) => {
      client.makeUnaryRequest(path, buffer, buffer, Buffer.alloc(0), (error) => resolve(error?.code ?? 0));
    }).finally(() => client.close());
  };

  const foreign = Object.keys(PEER).flatMap((protocol) => {
    const others = Object.entries(PEER).filter(([other]) => other !== protocol);
    const paths = [...pathsOf(OPERATOR), ...others.flatMap(([, services]) => pathsOf(services))];
    return paths.map((path) => [protocol, path] as const);
  });

  it.each(foreign)('%s does not answer %s', async (protocol, path) => {
    await expect(overPeers(protocol, path)).resolves.toBe(GrpcStatus.UNIMPLEMENTED);
  });

  it.each(Object.values(PEER).flatMap(pathsOf))('the operator port does not answer %s', async (path) => {
    await expect(overOperatorPort(path)).resolves.toBe(GrpcStatus.UNIMPLEMENTED);
  });

  it('each door answers its own', async () => {
    await expect(overPeers('/syncer/0.2', '/v1.SyncPeer/GetStatus')).resolves.toBe(GrpcStatus.OK);
    await expect(overOperatorPort('/v1.System/GetStatus')).resolves.toBe(GrpcStatus.OK);
  });
});

/** Discovery is served only where it is on, which needs a bootnode; this one is never there. */
function withBootnode(genesis: string): string {
  const bootnodes = ['/ip4/127.0.0.1/tcp/1/p2p/16Uiu2HAmAQLdECPvYyixQMWSesTJd7jbF1Q9JGVXLQM5PHRrZVy9'];
  return JSON.stringify({ ...JSON.parse(genesis), bootnodes });
}

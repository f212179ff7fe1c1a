import { type Client, createClient } from '@connectrpc/connect';
import {
  createConnectTransport,
  createGrpcTransport,
  createGrpcWebTransport,
} from '@connectrpc/connect-node';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { toHex } from '../../src/common/bytes.js';
import { GrpcStatus } from '../../src/common/grpc-status.js';
import { LOGGER, type Logger } from '../../src/common/logger.port.js';
import { BlockForm, Chain } from '../../src/gen/edgekeeper/v1/chain_pb.js';
import { Activity, LogLevel, Node } from '../../src/gen/edgekeeper/v1/node_pb.js';
import { Peers } from '../../src/gen/edgekeeper/v1/peers_pb.js';
import { decodeBlock } from '../../src/modules/blockchain/index.js';
import { createVerifier } from '../../src/verifier/index.js';
import { eventually } from '../support/eventually.js';
import { httpCall } from '../support/http-client.js';
import { aSigned } from '../support/signed-transactions.js';
import { aKey, singleValidatorGenesis, TestNode } from '../support/test-node.js';
import { waitFor } from '../support/wait-for.js';

describe('the services Chain and Node', () => {
  const validatorKey = aKey();
  const genesis = singleValidatorGenesis(validatorKey);
  let sealer: TestNode;
  let follower: TestNode;
  let chain: Client<typeof Chain>;
  let node: Client<typeof Node>;

  beforeAll(async () => {
    sealer = await TestNode.start({ genesis, validatorKey });
    follower = await TestNode.start({
      genesis: singleValidatorGenesis(validatorKey, { bootnodes: [sealer.address] }),
      settings: { network: { discovery: true, maxInboundPeers: 3 } },
    });
    const transport = createGrpcTransport({ baseUrl: `http://${follower.operatorAddress}` });
    chain = createClient(Chain, transport);
    node = createClient(Node, transport);
    await waitFor(follower.chain.head$, ({ number }) => number >= 2);
  });

  afterAll(async () => {
    await follower?.stop();
    await sealer?.stop();
  });

  it('a block decoded is its RLP decoded, and its proof holds', async () => {
    const block = { case: 'number', value: 2n } as const;
    const decoded = await chain.getBlock({ block, withSeals: true, withProof: true });
    const { rlp } = await chain.getBlock({ block, form: BlockForm.RLP });
    const { header } = decodeBlock(rlp);
    expect(decoded.header).toMatchObject({
      number: 2n,
      parentHash: toHex(header.parentHash),
      stateRoot: toHex(header.stateRoot),
      timestamp: header.timestamp,
      extraData: Buffer.from(header.extraData),
    });
    const set = await chain.getValidators({ number: 2n });
    expect(decoded.seals?.committed).toEqual(set.validators.map(({ address }) => address));
    const verifier = await createVerifier({ genesis });
    expect(verifier.verifyHeaderProof(JSON.parse(decoded.proof)).hash).toBe(decoded.hash);
    expect((await chain.head({})).number).toBeGreaterThanOrEqual(2n);
  });

  it.each([
    { name: 'nothing asked for', request: {}, code: GrpcStatus.INVALID_ARGUMENT },
    {
      name: 'a hash that is none',
      request: { block: { case: 'hash', value: '0xab' } } as const,
      code: GrpcStatus.INVALID_ARGUMENT,
    },
    {
      name: 'a block above the head',
      request: { block: { case: 'number', value: 1_000_000n } } as const,
      code: GrpcStatus.NOT_FOUND,
    },
  ])('refuses $name', async ({ request, code }) => {
    await expect(chain.getBlock(request)).rejects.toMatchObject({ code });
  });

  it('tells what the node is, how it is set, and how its limits stand', async () => {
    expect(await node.info({})).toMatchObject({
      role: 'follower',
      engine: 'ibft',
      chainId: 7_331n,
      genesisTrust: 'computed',
      peers: { outbound: 1, inbound: 0, maxInbound: 3 },
      degraded: [],
      paused: [],
      adapters: { store: 'lmdb', network: 'libp2p' },
      libp2pAddress: follower.address,
    });
    const { settings } = await node.configuration({});
    expect(settings.find(({ path }) => path === 'network.maxInboundPeers')).toMatchObject({ value: '3' });
    const { rows } = await node.limits({});
    expect(rows.find(({ name }) => name === 'outbound slots')).toMatchObject({ used: 1n, limit: 8n });
    expect(rows.every(({ unit }) => unit !== '')).toBe(true);
  });

  it('streams what the node says, from a level on', async () => {
    const log = follower.get<Logger>(LOGGER).child('test');
    log.info('before', { code: 'TEST.A' });
    const logs = node.logs({ leastLevel: LogLevel.INFO, module: 'test', code: 'TEST.', recent: 1_000 });
    const entries = logs[Symbol.asyncIterator]();
    expect((await entries.next()).value).toMatchObject({ message: 'before', level: LogLevel.INFO });
    log.debug('not asked for', { code: 'TEST.B' });
    log.warn('other code', { code: 'OTHER' });
    log.warn('a\nb', { code: 'TEST.C', height: 5n });
    expect((await entries.next()).value).toMatchObject({
      level: LogLevel.WARN,
      module: 'test',
      message: 'a\\u000ab',
      fields: { code: 'TEST.C', height: '5' },
    });
    await entries.return?.(undefined);
  });

  it('tells of calls to what is not served, over gRPC and HTTP', async () => {
    const known = { leastLevel: LogLevel.WARN, code: 'SYSTEM.METHOD_UNKNOWN', recent: 1_000 };
    const logs = node.logs(known)[Symbol.asyncIterator]();
    const unheard = { ...Node.method.info, parent: { ...Node, typeName: 'un.Heard' } };
    for (const connect of [createGrpcTransport, createGrpcWebTransport]) {
      const transport = connect({ baseUrl: `http://${follower.operatorAddress}`, httpVersion: '1.1' });
      const call = transport.unary(unheard, undefined, undefined, undefined, {});
      await expect(call).rejects.toMatchObject({ code: GrpcStatus.UNIMPLEMENTED });
      expect((await logs.next()).value).toMatchObject({
        message: 'operator call refused',
        fields: { path: '/un.Heard/Info', error: 'unknown service un.Heard' },
      });
    }
    await logs.return?.(undefined);
  });

  it.each([
    ['Node/Pause', '{"activities": ["ACTIVITY_SYNCC"]}'],
    ['Node/Pause', '{"activity": ["ACTIVITY_SYNC"]}'],
    ['Peers/Ban', '{"target": "10.9.8.0/24", "ttlms": "1000"}'],
    ['Chain/GetHeader', '{"number": "1", "form": "NOPE"}'],
  ])('a misspelt name in JSON is refused, not left out: %s %s', async (method, body) => {
    const path = `/edgekeeper.v1.${method}`;
    expect((await httpCall(follower.operatorAddress, { path, body })).status).toBe(400);
    expect((await node.info({})).paused).toEqual([]);
  });

  it('puts on record how a call that changes something was answered, whatever it came by', async () => {
    const logs = node.logs({ module: 'access', recent: 1 })[Symbol.asyncIterator]();
    const path = '/edgekeeper.v1.Peers/Unban';
    for (const { connect, target, status } of [
      { connect: createGrpcTransport, target: '10.1.2.3', status: 'NotFound' },
      { connect: createGrpcWebTransport, target: '10.1.2.3', status: 'NotFound' },
      { connect: createGrpcTransport, target: 'nonsense', status: 'InvalidArgument' },
      { connect: createConnectTransport, target: 'nonsense', status: 'InvalidArgument' },
    ]) {
      const transport = connect({ baseUrl: `http://${follower.operatorAddress}`, httpVersion: '1.1' });
      await expect(createClient(Peers, transport).unban({ target })).rejects.toThrow();
      await eventually(async () => {
        const { value } = await logs.next();
        return value.fields.path === path && value.fields.status === status;
      });
    }
    await logs.return?.(undefined);
  });

  it('takes a transaction in JSON', async () => {
    const type = 'type.googleapis.com/google.protobuf.BytesValue';
    const value = Buffer.from(aSigned({ nonce: 1n }).raw).toString('base64');
    const body = JSON.stringify({ raw: { '@type': type, value } });
    const answer = await httpCall(follower.operatorAddress, { path: '/v1.TxnPoolOperator/AddTxn', body });
    // Past its decoding: it is of another chain.
    expect(answer.body).toContain('TXPOOL.OTHER_CHAIN');
  });

  it('changes log levels', async () => {
    const changed = await node.setLogLevel({ module: 'sync', level: LogLevel.DEBUG });
    expect(changed).toMatchObject({ all: LogLevel.OFF, modules: { sync: LogLevel.DEBUG } });
    await node.setLogLevel({ module: 'sync' });
    expect((await node.getLogLevels({})).modules).toEqual({});
    await expect(node.setLogLevel({})).rejects.toMatchObject({ code: GrpcStatus.INVALID_ARGUMENT });
  });

  it('a paused sync stays where it is while a peer has more, and goes on when resumed', async () => {
    expect((await node.pause({ activities: [Activity.SYNC] })).paused).toEqual([Activity.SYNC]);
    expect((await node.info({})).sync?.state).toBe('paused');
    const before = follower.chain.head()?.number ?? 0;
    await waitFor(sealer.chain.head$, ({ number }) => number >= before + 3);
    // What was being stored when the pause came may be there.
    const held = follower.chain.head()?.number ?? 0;
    expect(held).toBeLessThanOrEqual(before + 1);
    expect((await node.resume({})).paused).toEqual([]);
    await waitFor(follower.chain.head$, ({ number }) => number >= before + 3);
  });
});

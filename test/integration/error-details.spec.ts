import { fromBinary } from '@bufbuild/protobuf';
import { anyUnpack } from '@bufbuild/protobuf/wkt';
import { Client, credentials, type ServiceError } from '@grpc/grpc-js';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { GrpcStatus } from '../../src/common/grpc-status.js';
import { BadRequestSchema, ErrorInfoSchema } from '../../src/gen/google/rpc/error_details_pb.js';
import { StatusSchema } from '../../src/gen/google/rpc/status_pb.js';
import { aKey, singleValidatorGenesis, TestNode } from '../support/test-node.js';

const buffer = (value: Buffer) => value;

/** What a client of another language gets: the trailer's bytes, and its own decoder. */
describe('error details of the operator port', () => {
  const validatorKey = aKey();
  let node: TestNode;
  let client: Client;

  beforeAll(async () => {
    node = await TestNode.start({ genesis: singleValidatorGenesis(validatorKey), validatorKey });
    client = new Client(node.operatorAddress, credentials.createInsecure());
  });

  afterAll(async () => {
    client?.close();
    await node?.stop();
  });

  const unary = (method: string, request: Buffer) =>
    new Promise<ServiceError>((resolve, reject) => {
      client.makeUnaryRequest(`/v1.System/${method}`, buffer, buffer, request, (error) =>
        error ? resolve(error) : reject(new Error('it was answered')),
      );
    });

  const stream = (method: string, request: Buffer) =>
    new Promise<ServiceError>((resolve) => {
      const call = client.makeServerStreamRequest(`/v1.System/${method}`, buffer, buffer, request);
      call.resume().on('error', (error) => resolve(error as ServiceError));
    });

  function detailsOf(error: ServiceError) {
    const [trailer] = error.metadata.get('grpc-status-details-bin');
    const status = fromBinary(StatusSchema, trailer as Buffer);
    expect({ code: status.code, message: status.message }).toEqual({
      code: error.code,
      message: error.details,
    });
    const [info, badRequest] = status.details;
    return {
      info: info && anyUnpack(info, ErrorInfoSchema),
      violations: badRequest && anyUnpack(badRequest, BadRequestSchema)?.fieldViolations,
    };
  }

  it('a broken rule: its code, the field, the rule and the value', async () => {
    const error = await unary('PeersStatus', Buffer.from([0x0a, 0x01, 0x2f]));
    expect(error.code).toBe(GrpcStatus.INVALID_ARGUMENT);
    const { info, violations } = detailsOf(error);
    expect(info).toMatchObject({
      reason: 'SYSTEM.REQUEST_INVALID',
      domain: 'edgekeeper',
      metadata: { field: 'PeersStatusRequest.Id', value: '/' },
    });
    expect(violations).toMatchObject([
      { field: 'PeersStatusRequest.Id', description: expect.stringMatching(/regex pattern .*; it is "\/"$/) },
    ]);
  });

  it('a block that is not there: its code and height', async () => {
    const error = await unary('BlockByNumber', Buffer.from([0x08, 0xff, 0xff, 0x03]));
    expect(error.code).toBe(GrpcStatus.NOT_FOUND);
    const { info, violations } = detailsOf(error);
    expect(info).toMatchObject({ reason: 'SYSTEM.BLOCK_NOT_FOUND', metadata: { number: '65535' } });
    expect(violations).toBeUndefined();
  });

  it('streams tell them too', async () => {
    const error = await stream('Export', Buffer.from([0x08, 0x05, 0x10, 0x05]));
    expect(detailsOf(error).info).toMatchObject({
      reason: 'SYSTEM.EXPORT_RANGE_INVALID',
      metadata: { from: '5', to: '5' },
    });
  });

  it('a client that knows only code and text reads those', async () => {
    await expect(node.system().blockByNumber({ number: 65_535n })).rejects.toMatchObject({
      code: GrpcStatus.NOT_FOUND,
      rawMessage: 'block #65535 not found',
    });
  });
});

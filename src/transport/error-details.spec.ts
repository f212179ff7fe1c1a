import { fromBinary } from '@bufbuild/protobuf';
import { anyUnpack } from '@bufbuild/protobuf/wkt';
import { Code, ConnectError } from '@connectrpc/connect';
import type { Metadata } from '@grpc/grpc-js';
import { describe, expect, it } from '@jest/globals';
import { lastValueFrom, type Observable, of, throwError } from 'rxjs';
import { GrpcStatus, GrpcStatusError } from '../common/grpc-status.js';
import { BadRequestSchema, ErrorInfoSchema } from '../gen/google/rpc/error_details_pb.js';
import { StatusSchema } from '../gen/google/rpc/status_pb.js';
import { errorDetails, tellingDetails, toStatusObject } from './error-details.js';

const reason = { code: 'A.B', metadata: { n: '1' }, violations: [] };
const anError = (violations: { field: string; description: string }[] = []) =>
  new GrpcStatusError(GrpcStatus.NOT_FOUND, 'no such', undefined, { ...reason, violations });
const bare = new GrpcStatusError(GrpcStatus.UNKNOWN, 'x');
const trailerOf = (error: GrpcStatusError) => toStatusObject(error).metadata.get('grpc-status-details-bin');

describe(toStatusObject.name, () => {
  const decoded = (error: GrpcStatusError) => fromBinary(StatusSchema, trailerOf(error)[0] as Buffer);

  it('says the status, in the trailer once more, and the reason', () => {
    expect(toStatusObject(anError())).toMatchObject({ code: 5, details: 'no such' });
    const { code, message, details } = decoded(anError());
    expect({ code, message, count: details.length }).toEqual({ code: 5, message: 'no such', count: 1 });
    const [info] = details;
    expect(info?.typeUrl).toBe('type.googleapis.com/google.rpc.ErrorInfo');
    expect(info && anyUnpack(info, ErrorInfoSchema)).toMatchObject({
      reason: 'A.B',
      domain: 'edgekeeper',
      metadata: { n: '1' },
    });
  });

  it('names the fields at fault', () => {
    const [, badRequest] = decoded(anError([{ field: 'f', description: 'd' }])).details;
    expect(badRequest?.typeUrl).toBe('type.googleapis.com/google.rpc.BadRequest');
    expect(badRequest && anyUnpack(badRequest, BadRequestSchema)?.fieldViolations).toMatchObject([
      { field: 'f', description: 'd' },
    ]);
  });

  it('an error without a reason has no trailer', () => {
    expect(toStatusObject(bare)).toMatchObject({ code: 2, details: 'x' });
    expect(trailerOf(bare)).toEqual([]);
  });
});

describe(errorDetails.name, () => {
  it('Connect takes them as they are', () => {
    const details = errorDetails(anError([{ field: 'f', description: 'd' }]));
    const error = new ConnectError('no such', Code.NotFound, undefined, details);
    expect(error.findDetails(ErrorInfoSchema)).toMatchObject([{ reason: 'A.B' }]);
    expect(error.findDetails(BadRequestSchema)).toMatchObject([{ fieldViolations: [{ field: 'f' }] }]);
  });

  it('are none without a reason', () => {
    expect(errorDetails(bare)).toEqual([]);
  });
});

describe(tellingDetails.name, () => {
  const outcome = (result: unknown) => tellingDetails(async () => result)(undefined, undefined, {});
  const errorOf = async (result: unknown): Promise<unknown> =>
    lastValueFrom((await outcome(result)) as Observable<unknown>).catch((error: unknown) => error);

  it('gives the answer as it is', async () => {
    expect(await outcome('answer')).toBe('answer');
    const seen: unknown[] = [];
    ((await outcome(of(1, 2))) as Observable<unknown>).subscribe((value) => seen.push(value));
    expect(seen).toEqual([1, 2]);
  });

  it('leaves an error that is no status', async () => {
    const error = new Error('x');
    expect(await errorOf(throwError(() => error))).toBe(error);
    expect(error).not.toHaveProperty('metadata');
  });

  it('adds the trailer to an error', async () => {
    const error = (await errorOf(throwError(() => anError()))) as GrpcStatusError & { metadata: Metadata };
    expect(error).toMatchObject({ code: 5, details: 'no such' });
    expect(error.metadata.get('grpc-status-details-bin')).toEqual(trailerOf(anError()));
  });
});

import { fromBinary } from '@bufbuild/protobuf';
import { anyUnpack } from '@bufbuild/protobuf/wkt';
import { describe, expect, it } from '@jest/globals';
import { type Observable, of, throwError } from 'rxjs';
import { GrpcStatus, GrpcStatusError } from '../common/grpc-status.js';
import { BadRequestSchema, ErrorInfoSchema } from '../gen/google/rpc/error_details_pb.js';
import { StatusSchema } from '../gen/google/rpc/status_pb.js';
import { encodeErrorDetails, tellingDetails, withErrorDetails } from './error-details.js';

const reason = { code: 'A.B', metadata: { n: '1' }, violations: [] };
const anError = (violations: { field: string; description: string }[] = []) =>
  new GrpcStatusError(GrpcStatus.NOT_FOUND, 'no such', undefined, { ...reason, violations });
const decoded = (error: GrpcStatusError) =>
  fromBinary(StatusSchema, encodeErrorDetails(error) ?? new Uint8Array());

describe(encodeErrorDetails.name, () => {
  it('says the status once more, and the reason', () => {
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

  it('an error without a reason has none', () => {
    expect(encodeErrorDetails(new GrpcStatusError(GrpcStatus.UNKNOWN, 'x'))).toBeUndefined();
  });
});

describe(withErrorDetails.name, () => {
  it('adds the trailer', () => {
    const error = withErrorDetails(anError());
    expect(error).toMatchObject({ code: 5, details: 'no such' });
    const { metadata } = error as { metadata: { get(name: string): unknown[] } };
    expect(metadata.get('grpc-status-details-bin')).toEqual([
      Buffer.from(encodeErrorDetails(anError()) ?? []),
    ]);
  });

  it.each([new Error('x'), new GrpcStatusError(GrpcStatus.UNKNOWN, 'x'), 'text'])('leaves %s', (error) => {
    expect(withErrorDetails(error)).toBe(error);
    expect(error).not.toHaveProperty('metadata');
  });
});

describe(tellingDetails.name, () => {
  const outcome = (result: unknown) => tellingDetails(async () => result)();
  const errorOf = async (result: unknown) =>
    new Promise((error) => {
      outcome(result).then((result$) => (result$ as Observable<unknown>).subscribe({ error }));
    });

  it('gives the answer as it is', async () => {
    expect(await outcome('answer')).toBe('answer');
    const seen: unknown[] = [];
    ((await outcome(of(1, 2))) as Observable<unknown>).subscribe((value) => seen.push(value));
    expect(seen).toEqual([1, 2]);
  });

  it('adds the trailer to an error', async () => {
    expect(await errorOf(throwError(() => anError()))).toHaveProperty('metadata');
  });
});

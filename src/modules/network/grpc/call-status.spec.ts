import { describe, expect, it } from '@jest/globals';
import { GrpcStatus, GrpcStatusError } from '../../../common/grpc-status.js';
import { callStatusOf } from './call-status.js';

const INTERNAL = { code: GrpcStatus.INTERNAL, details: 'internal error', isFault: true };

describe(callStatusOf.name, () => {
  it('a peer gets code and text, not the reason that operators get', () => {
    const reason = { code: 'A.B', metadata: { secret: 'x' }, violations: [] };
    const error = new GrpcStatusError(GrpcStatus.NOT_FOUND, 'no such', undefined, reason);
    expect(callStatusOf(error)).toEqual({ code: GrpcStatus.NOT_FOUND, details: 'no such', isFault: false });
  });

  it.each([
    ['a status of another kind', { code: 5, details: 'x' }, { code: 5, details: 'x', isFault: false }],
    ['OK', { code: 0, details: 'x' }, INTERNAL],
    ['a code that is none', { code: 17, details: 'x' }, INTERNAL],
    ['a code in words', { code: 'ENOENT', details: 'x' }, INTERNAL],
    ['no text', { code: 5, details: 7 }, INTERNAL],
    ['an error', new Error('our secret'), INTERNAL],
    ['nothing', undefined, INTERNAL],
  ])('%s', (_name, error, expected) => {
    expect(callStatusOf(error)).toEqual(expected);
  });
});

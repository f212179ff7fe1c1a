import { describe, expect, it } from '@jest/globals';
import { AppError, type ErrorDetail } from '../../common/app-error.js';
import { BlockchainError } from '../blockchain/index.js';
import { NetworkError } from '../network/index.js';
import { statusReasonOf } from './status-reason.js';
import { SystemError } from './system.errors.js';

class AnyError extends AppError<ErrorDetail & Record<string, unknown>> {}

const metadataOf = (data: Record<string, unknown>) =>
  statusReasonOf(new AnyError({ code: 'ANY', ...data }, 'any')).metadata;

describe(statusReasonOf.name, () => {
  it('gives the code and its data as text', () => {
    expect(
      statusReasonOf(new SystemError({ code: 'SYSTEM.EXPORT_RANGE_INVALID', from: 2n, to: 1n })),
    ).toEqual({
      code: 'SYSTEM.EXPORT_RANGE_INVALID',
      metadata: { from: '2', to: '1' },
      violations: [],
    });
    expect(
      statusReasonOf(new BlockchainError({ code: 'BLOCKCHAIN.GENESIS_INVALID', faults: ['a', 'b'] }))
        .metadata,
    ).toEqual({ faults: 'a,b' });
  });

  it('names the field that breaks a rule, the rule and the value', () => {
    const detail = { field: 'A.B', rule: 'value is required', value: 'x', isStream: false };
    expect(statusReasonOf(new SystemError({ code: 'SYSTEM.REQUEST_INVALID', ...detail }))).toEqual({
      code: 'SYSTEM.REQUEST_INVALID',
      metadata: { field: 'A.B', rule: 'value is required', value: 'x', isStream: 'false' },
      violations: [{ field: 'A.B', description: 'value is required; it is "x"' }],
    });
    const error = new NetworkError({ code: 'NETWORK.BAD_REQUEST', field: 'id', reason: 'no peer ID' });
    expect(statusReasonOf(error).violations).toEqual([{ field: 'id', description: 'no peer ID' }]);
  });

  it('tells each kind of value, and leaves out what has no text', () => {
    const data = {
      no: undefined,
      not: null,
      record: { a: 1 },
      hash: new Uint8Array([1, 255]),
      yes: true,
      n: 1.5,
    };
    expect(metadataOf(data)).toEqual({ hash: '0x01ff', yes: 'true', n: '1.5' });
  });

  it('stays in bounds', () => {
    const many = Object.fromEntries(Array.from({ length: 99 }, (_, n) => [`v${n}`, 'x'.repeat(999)]));
    const values = Object.values(metadataOf(many));
    expect(values).toHaveLength(16);
    expect(new Set(values.map(({ length }) => length))).toEqual(new Set([128]));
    expect(metadataOf({ text: `${'x'.repeat(127)}😀` }).text).toBe(`${'x'.repeat(127)}\ufffd`);
    expect(metadataOf({ text: '😀' }).text).toBe('😀');
    expect(metadataOf({ list: Array(9_999).fill(new Uint8Array(99)) }).list).toHaveLength(128);
  });
});

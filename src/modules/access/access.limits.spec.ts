import { describe, expect, it } from '@jest/globals';
import { aCall, aCaller, aCertificate, anAccess, tokenOf } from '../../../test/support/access-under-test.js';
import { codeOf } from '../../../test/support/system-under-test.js';
import { AccessError } from './access.errors.js';
import type { AccessService } from './access.service.js';
import type { CallerFacts } from './ports/access.port.js';

const local = { address: '127.0.0.1', isEncrypted: false };
const times = (count: number, act: () => unknown) => Array.from({ length: count }, () => codeOf(act));

describe('failed attempts', () => {
  const attempt = (sut: AccessService, token: string, address = '10.0.0.1') =>
    codeOf(() => sut.admit(aCaller({ token, address }), aCall('viewer')));

  it('make an address wait, with the right token too, and no other address', () => {
    const { sut, clock } = anAccess({ limits: { failureBurst: 3, failuresPerMinute: 6 } });
    expect(times(3, () => sut.admit(aCaller({ token: 'wrong' }), aCall('viewer')))).toEqual(
      Array(3).fill('ACCESS.UNAUTHENTICATED'),
    );
    expect(attempt(sut, 'wrong')).toBe('ACCESS.TOO_MANY_FAILURES');
    expect(attempt(sut, tokenOf('admin'))).toBe('ACCESS.TOO_MANY_FAILURES');
    expect(attempt(sut, tokenOf('admin'), '10.0.0.2')).toBe('none');
    clock.advance(10_000);
    expect(attempt(sut, tokenOf('admin'))).toBe('none');
    expect([attempt(sut, 'wrong'), attempt(sut, 'wrong')]).toEqual([
      'ACCESS.UNAUTHENTICATED',
      'ACCESS.TOO_MANY_FAILURES',
    ]);
  });

  it('count for a whole /64', () => {
    const { sut } = anAccess({ limits: { failureBurst: 1 } });
    attempt(sut, 'wrong', '2001:db8::1');
    expect(attempt(sut, 'wrong', '2001:db8::2')).toBe('ACCESS.TOO_MANY_FAILURES');
  });

  it('hold up no caller that shows a certificate or nothing', () => {
    const { sut } = anAccess({ certificateRoles: ['ops=viewer'], limits: { failureBurst: 1 } });
    attempt(sut, 'wrong');
    const call = aCall('viewer');
    expect(codeOf(() => sut.admit(aCaller({ certificate: aCertificate() }), call))).toBe('none');
    expect(codeOf(() => sut.admit(aCaller(), call))).toBe('ACCESS.UNAUTHENTICATED');
  });

  it('do not count on loopback unless told', () => {
    const of = (loopback: 'exempt' | 'count') => {
      const { sut } = anAccess({ limits: { failureBurst: 1, loopback } });
      attempt(sut, 'wrong', '127.0.0.1');
      return attempt(sut, tokenOf('viewer'), '127.0.0.1');
    };
    expect([of('exempt'), of('count')]).toEqual(['none', 'ACCESS.TOO_MANY_FAILURES']);
  });
});

describe('limits of calls', () => {
  const limits = { callBurst: 2, callsPerSecond: 1, streamsPerCaller: 2, streams: 3 };
  const viewer = aCaller({ token: tokenOf('viewer') });

  it('a caller gets its burst, then its rate, wherever it calls from', () => {
    const { sut, clock } = anAccess({ limits });
    const call = (address: string) => codeOf(() => sut.admit({ ...viewer, address }, aCall('viewer')));
    expect(['10.0.0.1', '127.0.0.1', '10.0.0.3'].map(call)).toEqual(['none', 'none', 'ACCESS.RATE_LIMITED']);
    expect(codeOf(() => sut.admit(aCaller({ token: tokenOf('admin') }), aCall('viewer')))).toBe('none');
    clock.advance(1_000);
    expect(['10.0.0.1', '10.0.0.1'].map(call)).toEqual(['none', 'ACCESS.RATE_LIMITED']);
  });

  it('tells how long to wait', () => {
    const { sut } = anAccess({ limits: { ...limits, callBurst: 1 } });
    sut.admit(viewer, aCall('viewer'));
    expect(() => sut.admit(viewer, aCall('viewer'))).toThrow(
      expect.objectContaining({ detail: { code: 'ACCESS.RATE_LIMITED', callsPerSecond: 1, waitMs: 1_000 } }),
    );
  });

  it('calls that are refused count too', () => {
    const { sut } = anAccess({ limits });
    expect(times(3, () => sut.admit(viewer, aCall('admin')))).toEqual([
      'ACCESS.FORBIDDEN',
      'ACCESS.FORBIDDEN',
      'ACCESS.RATE_LIMITED',
    ]);
  });

  it('who shows nothing counts by address, loopback not at all unless told', () => {
    const { sut } = anAccess({ limits });
    expect(times(3, () => sut.admit(aCaller(), aCall('none')))).toEqual([
      'none',
      'none',
      'ACCESS.RATE_LIMITED',
    ]);
    expect(codeOf(() => sut.admit(aCaller({ address: '10.0.0.2' }), aCall('none')))).toBe('none');
    expect(new Set(times(99, () => sut.admit(aCaller(local), aCall('admin', { isStream: true }))))).toEqual(
      new Set(['none']),
    );
    const counted = anAccess({ limits: { ...limits, loopback: 'count' } }).sut;
    expect(times(3, () => counted.admit(aCaller(local), aCall('admin')))).toContain('ACCESS.RATE_LIMITED');
  });

  it('calls of each caller count until they end, whoever it is', () => {
    const { sut } = anAccess({ limits: { ...limits, callBurst: 99, callsPerCaller: 2 } });
    const call = aCall('none');
    const first = sut.admit(aCaller(), call);
    sut.admit(aCaller(), call);
    const code = (facts: Partial<CallerFacts>) => codeOf(() => sut.admit(aCaller(facts), call));
    expect([code({}), code({ address: '10.0.0.2' })]).toEqual(['ACCESS.TOO_MANY_CALLS', 'none']);
    first.end();
    first.end();
    expect([code({}), code({})]).toEqual(['none', 'ACCESS.TOO_MANY_CALLS']);
  });

  it('streams count until they end, of each caller and of all', () => {
    const { sut } = anAccess({ limits: { ...limits, callBurst: 99 } });
    const stream = aCall('viewer', { isStream: true });
    const first = sut.admit(viewer, stream);
    sut.admit(viewer, stream);
    expect(() => sut.admit(viewer, stream)).toThrow(
      expect.objectContaining({ detail: { code: 'ACCESS.TOO_MANY_STREAMS', scope: 'identity', limit: 2 } }),
    );
    expect(codeOf(() => sut.admit(viewer, aCall('viewer')))).toBe('none');
    const admin = aCaller({ token: tokenOf('admin') });
    sut.admit(admin, stream);
    expect(() => sut.admit(admin, stream)).toThrow(
      expect.objectContaining({ detail: { code: 'ACCESS.TOO_MANY_STREAMS', scope: 'node', limit: 3 } }),
    );
    first.end();
    first.end();
    expect([1, 2].map(() => codeOf(() => sut.admit(admin, stream)))).toEqual([
      'none',
      'ACCESS.TOO_MANY_STREAMS',
    ]);
  });
});

describe('limits of connections', () => {
  const limits = { connectionsPerAddress: 2, connections: 3 };

  it('hold of each address and of all, until one is closed', () => {
    const { sut, log } = anAccess({ limits });
    const open = (address: string) => codeOf(() => sut.acceptConnection(address));
    const close = sut.acceptConnection('10.0.0.1');
    expect(['10.0.0.1', '10.0.0.1', '10.0.0.2', '10.0.0.3'].map(open)).toEqual([
      'none',
      'ACCESS.TOO_MANY_CONNECTIONS',
      'none',
      'ACCESS.TOO_MANY_CONNECTIONS',
    ]);
    expect(log.messages('warn')).toEqual(Array(2).fill('operator connection refused'));
    close();
    close();
    expect(['10.0.0.3', '10.0.0.4'].map(open)).toEqual(['none', 'ACCESS.TOO_MANY_CONNECTIONS']);
  });

  it('exempt loopback unless told', () => {
    const last = (loopback: 'exempt' | 'count') => {
      const { sut } = anAccess({ limits: { ...limits, loopback } });
      return times(3, () => sut.acceptConnection('127.0.0.1')()).concat(
        times(3, () => sut.acceptConnection('127.0.0.1')),
      );
    };
    expect(last('exempt')).toEqual(Array(6).fill('none'));
    expect(last('count').at(-1)).toBe('ACCESS.TOO_MANY_CONNECTIONS');
  });

  it('a call that the transport refused is counted and told of', () => {
    const { sut, log, counted } = anAccess({ limits });
    sut.turnedAway(aCaller(), '/a\x1b/B', new AccessError({ code: 'ACCESS.PAGE_REFUSED', reason: 'no\x9b' }));
    const fields = { code: 'ACCESS.PAGE_REFUSED', error: 'no?', path: '/a?/B', address: '10.0.0.1' };
    expect(log.lines).toMatchObject([{ level: 'warn', message: 'operator call refused', fields }]);
    expect(counted).toEqual(['refusals_total ACCESS.PAGE_REFUSED']);
  });

  it('a handshake that failed is counted and told of, in text that a log can take', () => {
    const { sut, log, counted } = anAccess({ limits });
    sut.handshakeFailed('10.0.0.1', 'CERT_HAS_EXPIRED\n');
    expect(log.lines).toEqual([
      {
        level: 'warn',
        message: 'operator connection refused',
        fields: {
          code: 'ACCESS.HANDSHAKE_FAILED',
          error: 'no TLS connection: CERT_HAS_EXPIRED?',
          address: '10.0.0.1',
        },
      },
    ]);
    expect(counted).toEqual(['refusals_total ACCESS.HANDSHAKE_FAILED']);
  });
});

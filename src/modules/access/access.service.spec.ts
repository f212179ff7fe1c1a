import { describe, expect, it } from '@jest/globals';
import { aCall, aCaller, aCertificate, anAccess, tokenOf } from '../../../test/support/access-under-test.js';
import { codeOf } from '../../../test/support/system-under-test.js';
import { GrpcStatus } from '../../common/grpc-status.js';
import type { AccessService } from './access.service.js';
import { type CallerFacts, ROLES } from './ports/access.port.js';

const PAGE = 'https://page.example';
const local = { address: '127.0.0.1', isEncrypted: false };
const answers = (sut: AccessService, facts: Partial<CallerFacts>) =>
  ROLES.map((role) => codeOf(() => sut.admit(aCaller(facts), aCall(role))).replace('ACCESS.', ''));

describe('who may call what', () => {
  it.each([
    { name: 'loopback', facts: local, expect: ['none', 'none', 'none', 'none'] },
    {
      name: 'elsewhere',
      facts: {},
      expect: ['none', 'UNAUTHENTICATED', 'UNAUTHENTICATED', 'UNAUTHENTICATED'],
    },
    {
      name: 'a viewer',
      facts: { token: tokenOf('viewer') },
      expect: ['none', 'none', 'FORBIDDEN', 'FORBIDDEN'],
    },
    {
      name: 'an operator',
      facts: { token: tokenOf('operator') },
      expect: ['none', 'none', 'none', 'FORBIDDEN'],
    },
    { name: 'an admin', facts: { token: tokenOf('admin') }, expect: ['none', 'none', 'none', 'none'] },
    {
      name: 'a viewer on loopback',
      facts: { ...local, token: tokenOf('viewer') },
      expect: ['none', 'none', 'FORBIDDEN', 'FORBIDDEN'],
    },
    {
      name: 'a wrong token on loopback',
      facts: { ...local, token: 'wrong' },
      expect: ['UNAUTHENTICATED', 'UNAUTHENTICATED', 'UNAUTHENTICATED', 'UNAUTHENTICATED'],
    },
    {
      name: 'a certificate with a role',
      facts: { certificate: aCertificate() },
      expect: ['none', 'none', 'none', 'FORBIDDEN'],
    },
    {
      name: 'a certificate of nobody known',
      facts: { certificate: aCertificate({ subject: 'x' }) },
      expect: ['none', 'FORBIDDEN', 'FORBIDDEN', 'FORBIDDEN'],
    },
    {
      name: 'a page on loopback',
      facts: { ...local, origin: PAGE },
      expect: ['none', 'none', 'TOKEN_NEEDED', 'TOKEN_NEEDED'],
    },
    {
      name: 'a page of no origin',
      facts: { ...local, origin: 'null' },
      expect: ['none', 'none', 'TOKEN_NEEDED', 'TOKEN_NEEDED'],
    },
    {
      name: 'a page with the browser’s certificate',
      facts: { origin: PAGE, certificate: aCertificate() },
      expect: ['none', 'none', 'TOKEN_NEEDED', 'TOKEN_NEEDED'],
    },
    {
      name: 'a page with a token',
      facts: { origin: PAGE, token: tokenOf('operator') },
      expect: ['none', 'none', 'none', 'FORBIDDEN'],
    },
  ])('$name', ({ facts, expect: expected }) => {
    expect(answers(anAccess({ certificateRoles: ['ops=operator'] }).sut, facts)).toEqual(expected);
  });

  it('settings say what callers may that show nothing', () => {
    const { sut } = anAccess({ loopbackRole: 'none', remoteRole: 'viewer' });
    const [no, yes] = ['UNAUTHENTICATED', 'none'];
    expect(answers(sut, local)).toEqual([yes, no, no, no]);
    expect(answers(sut, {})).toEqual([yes, yes, 'FORBIDDEN', 'FORBIDDEN']);
  });

  it('tells who was let in', () => {
    const { identity } = anAccess().sut.admit(aCaller({ token: tokenOf('viewer') }), aCall('viewer'));
    expect(identity).toEqual({ name: 'the viewer', role: 'viewer', how: 'token' });
  });
});

describe('a stream goes on as long as its caller may', () => {
  const stream = aCall('operator', { isStream: true });
  const held = () => {
    const world = anAccess();
    const { revoked, end } = world.sut.admit(aCaller({ token: tokenOf('operator') }), stream);
    return { ...world, revoked, end };
  };
  const reasonOf = (revoked: AbortSignal | undefined) => revoked?.reason?.code;

  it.each([
    { name: 'its token is taken', role: undefined, code: 'ACCESS.UNAUTHENTICATED' },
    { name: 'its token may less', role: 'viewer' as const, code: 'ACCESS.FORBIDDEN' },
  ])('ends when $name, which is on record', ({ role, code }) => {
    const { revoked, clock, log, counted, holders } = held();
    clock.advance(60_000);
    expect(revoked?.aborted).toBe(false);
    if (role) holders.set(tokenOf('operator'), role);
    else holders.delete(tokenOf('operator'));
    clock.advance(2_000);
    expect(reasonOf(revoked)).toBe(code);
    expect(log.lines.filter(({ fields }) => fields?.code === code)).toHaveLength(1);
    expect(counted).toContain(`refusals_total ${code}`);
  });

  it('goes on for another role that may', () => {
    const { revoked, clock, holders } = held();
    holders.set(tokenOf('operator'), 'admin');
    clock.advance(2_000);
    expect(revoked?.aborted).toBe(false);
  });

  it('is not asked about once it has ended, nor when nothing could be taken away', () => {
    const { sut, clock, end } = held();
    expect(clock.pendingTimers).toBe(1);
    end();
    expect(clock.pendingTimers).toBe(0);
    expect(sut.admit(aCaller({ token: tokenOf('operator') }), aCall('operator')).revoked).toBeUndefined();
    expect(sut.admit(aCaller(local), stream).revoked).toBeUndefined();
  });
});

describe('the audit log', () => {
  it('tells who changed something, and nothing of who looked', () => {
    const { sut, log } = anAccess();
    sut.admit(aCaller(local), aCall('viewer')).end(GrpcStatus.OK);
    const facts = aCaller({ token: tokenOf('operator') });
    const { end } = sut.admit(facts, aCall('operator', { path: '/v1.System/PeersAdd' }));
    expect(log.lines).toEqual([]);
    end(GrpcStatus.INVALID_ARGUMENT);
    end(GrpcStatus.OK);
    expect(log.lines).toEqual([
      {
        level: 'info',
        message: 'operator call',
        fields: {
          path: '/v1.System/PeersAdd',
          status: 'InvalidArgument',
          caller: 'the operator',
          how: 'token',
          role: 'operator',
          transport: 'grpc',
          address: '10.0.0.1',
          isEncrypted: true,
          origin: undefined,
        },
      },
    ]);
  });

  it('tells of a stream that may change something when it begins, too', () => {
    const { sut, log } = anAccess();
    const { end } = sut.admit(aCaller(local), aCall('operator', { isStream: true }));
    end();
    sut.admit(aCaller(local), aCall('viewer', { isStream: true })).end();
    expect(log.lines.map(({ fields }) => fields?.status)).toEqual(['begun', 'unanswered']);
  });

  it('tells who was refused, and shows no token', () => {
    const { sut, log } = anAccess();
    const secret = 'do-not-show'.repeat(4);
    codeOf(() =>
      sut.admit(aCaller({ token: secret, origin: `${PAGE}\n${'x'.repeat(999)}` }), aCall('admin')),
    );
    codeOf(() => sut.admit(aCaller({ token: tokenOf('viewer') }), aCall('admin')));
    expect(
      log.lines.map(({ level, fields }) => [level, fields?.code, fields?.caller, fields?.needed]),
    ).toEqual([
      ['warn', 'ACCESS.UNAUTHENTICATED', undefined, 'admin'],
      ['warn', 'ACCESS.FORBIDDEN', 'the viewer', 'admin'],
    ]);
    expect(log.lines[0]?.fields?.origin).toMatch(/^https:\/\/page\.example\?x{107}$/);
    expect(JSON.stringify(log.lines)).not.toContain('do-not-show');
  });

  it('a flood of refusals fills no disk and hides nothing that was done', () => {
    const { sut, log } = anAccess();
    for (let n = 0; n < 5_000; n += 1) {
      codeOf(() => sut.admit(aCaller({ address: `10.0.${n >> 8}.${n & 255}` }), aCall('admin')));
    }
    sut.admit(aCaller({ token: tokenOf('admin') }), aCall('admin')).end();
    expect(log.messages('warn')).toHaveLength(200);
    expect(log.lines.at(-1)).toMatchObject({ message: 'operator call', fields: { status: 'unanswered' } });
  });
});

describe('metrics', () => {
  it('count calls by role and means, refusals by code, and what is open', () => {
    const { sut, counted } = anAccess({ limits: { connections: 1 } });
    sut.admit(aCaller(local), aCall('viewer'));
    sut.admit(aCaller({ token: tokenOf('viewer') }), aCall('viewer'));
    codeOf(() => sut.admit(aCaller(), aCall('viewer')));
    const close = sut.acceptConnection('10.0.0.1');
    codeOf(() => sut.acceptConnection('10.0.0.2'));
    close();
    expect(counted).toEqual([
      'calls_total admin loopback',
      'calls_total viewer token',
      'refusals_total ACCESS.UNAUTHENTICATED',
      'connections 1',
      'refusals_total ACCESS.TOO_MANY_CONNECTIONS',
      'connections 0',
    ]);
  });

  it('count lines of the audit log that were left out', () => {
    const { sut, counted } = anAccess();
    for (let n = 0; n < 51; n += 1) codeOf(() => sut.admit(aCaller(), aCall('viewer')));
    expect(counted.at(-1)).toBe('suppressed_lines_total');
  });
});

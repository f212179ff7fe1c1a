import { describe, expect, it } from '@jest/globals';
import { aCaller, aCertificate } from '../../../../test/support/access-under-test.js';
import { certificateRoles } from './certificate-roles.js';
import { identify } from './identify.js';

const identified = (facts: Parameters<typeof aCaller>[0]) =>
  identify(aCaller(facts), {
    config: { loopbackRole: 'admin', remoteRole: 'viewer' },
    certificateRoles: certificateRoles(['ops=operator', 'guest=none']),
    findToken: (token) => (token === 'right' ? { name: 'alice', role: 'operator' } : undefined),
  });

describe(identify.name, () => {
  it.each([
    ['127.0.0.1', { name: 'loopback', role: 'admin', how: 'loopback' }],
    ['::1', { name: 'loopback', role: 'admin', how: 'loopback' }],
    ['::ffff:127.0.0.1', { name: 'loopback', role: 'admin', how: 'loopback' }],
    ['10.0.0.1', { name: '10.0.0.1', role: 'viewer', how: 'anonymous' }],
  ])('%s, with nothing shown', (address, expected) => {
    expect(identified({ address })).toEqual(expected);
  });

  it.each(['127.0.0.1', '10.0.0.1'])('a token counts wherever it is shown: %s', (address) => {
    expect(identified({ address, token: 'right', certificate: aCertificate() })).toEqual({
      name: 'alice',
      role: 'operator',
      how: 'token',
    });
    expect(identified({ address, token: 'wrong', certificate: aCertificate() })).toBeUndefined();
    expect(identified({ address, token: '' })).toBeUndefined();
  });

  it.each([
    ['ops', 'operator'],
    ['guest', 'none'],
    ['stranger', 'viewer'],
  ])('the certificate of %s: %s', (subject, role) => {
    const identity = identified({ certificate: aCertificate({ subject }) });
    expect(identity).toEqual({ name: subject, role, how: 'certificate' });
  });

  it('a certificate without a subject is named after what else it has', () => {
    const nameOf = (names: string[]) =>
      identified({ certificate: aCertificate({ subject: '', names }) })?.name;
    expect(nameOf(['a.example'])).toBe('a.example');
    expect(nameOf([])).toBe(aCertificate().fingerprint256.slice(0, 64));
  });

  it('no name breaks a line or is long', () => {
    const nameOf = (subject: string) => identified({ certificate: aCertificate({ subject }) })?.name;
    expect(nameOf('a\n\u202eb\u0000')).toBe('a??b?');
    expect(nameOf('n'.repeat(999))).toHaveLength(64);
  });
});

import { describe, expect, it } from '@jest/globals';
import { aCertificate } from '../../../../test/support/access-under-test.js';
import { certificateRoles } from './certificate-roles.js';

const HEX = 'ab'.repeat(32);

describe(certificateRoles.name, () => {
  it.each([
    { name: 'a common name', entries: ['ops=admin'], expect: 'admin' },
    { name: 'an alternative name', entries: ['ops.example=operator'], expect: 'operator' },
    { name: 'an alternative address', entries: ['10.9.9.9=viewer'], expect: 'viewer' },
    { name: 'a fingerprint', entries: [`${HEX}=admin`], expect: 'admin' },
    {
      name: 'a fingerprint as openssl prints it',
      entries: [`${aCertificate().fingerprint256}=admin`],
      expect: 'admin',
    },
    { name: 'anyone', entries: ['*=viewer'], expect: 'viewer' },
    { name: 'the first that fits', entries: ['other=admin', 'ops=none', '*=admin'], expect: 'none' },
    { name: 'a name of other case', entries: ['OPS=admin'], expect: undefined },
    { name: 'a part of a name', entries: ['example=admin', 'op=admin'], expect: undefined },
    { name: 'nothing', entries: [], expect: undefined },
  ])('$name', ({ entries, expect: expected }) => {
    expect(certificateRoles(entries)(aCertificate())).toBe(expected);
  });

  it('takes a name with = in it', () => {
    expect(certificateRoles(['a=b=admin'])(aCertificate({ subject: 'a=b' }))).toBe('admin');
  });

  it('a certificate named as the fingerprint of another gets nothing of it', () => {
    const impostor = aCertificate({ subject: HEX, names: [HEX], fingerprint256: 'cd'.repeat(32) });
    expect(certificateRoles([`${HEX}=admin`])(impostor)).toBeUndefined();
  });
});

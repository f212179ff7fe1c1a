import { describe, expect, it } from '@jest/globals';
import { bearerToken, toClientCertificate } from './caller-facts.js';

describe(bearerToken.name, () => {
  it.each([
    ['Bearer abc', 'abc'],
    ['bearer  abc ', 'abc'],
    ['Bearer', ''],
    ['Bearer ', ''],
    ['', ''],
    ['Bearer a b', ''],
    ['Bearer a, Bearer b', ''],
    ['Basic abc', ''],
    [['Bearer a'], ''],
    [undefined, undefined],
  ])('%j holds %j', (header, expected) => {
    expect(bearerToken(header)).toBe(expected);
  });
});

describe(toClientCertificate.name, () => {
  const names = (subjectaltname: string | undefined) =>
    toClientCertificate({ subject: { CN: 'ops' } as never, fingerprint256: 'AA', subjectaltname } as never)
      .names;

  it.each([
    [undefined, []],
    ['DNS:a.example, IP Address:10.0.0.1, email:ops@example', ['a.example', '10.0.0.1', 'ops@example']],
    ['DNS:"a, DNS:admin.example", DNS:b', ['a, DNS:admin.example', 'b']],
    ['DNS:"say \\"x\\""', ['say "x"']],
  ])('names in %j', (text, expected) => {
    expect(names(text)).toEqual(expected);
  });

  it('several common names are none', () => {
    const subject = { CN: ['ops', 'admin'] } as never;
    expect(
      toClientCertificate({ subject, fingerprint256: '', subjectaltname: undefined as never }).subject,
    ).toBe('');
  });
});

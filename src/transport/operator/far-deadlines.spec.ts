import { describe, expect, it } from '@jest/globals';
import { isFarConnectTimeout, isFarGrpcTimeout } from './far-deadlines.js';

describe(isFarGrpcTimeout.name, () => {
  it.each(['597H', '99999999H', '35792M', '2147484S', '99999999S'])('%s is beyond a timer', (value) =>
    expect(isFarGrpcTimeout(value)).toBe(true),
  );

  it.each(['596H', '35791M', '2147483S', '99999999m', '99999999u', '99999999n', '0S', '00000001H'])(
    '%s is not',
    (value) => expect(isFarGrpcTimeout(value)).toBe(false),
  );

  it.each([
    '',
    'H',
    '999999999H',
    '99999999',
    '99999999h',
    '-99999999H',
    '9e7H',
    ' 99999999H',
    '99999999H\n',
  ])('malformed is not beyond: %j', (value) => expect(isFarGrpcTimeout(value)).toBe(false));
});

describe(isFarConnectTimeout.name, () => {
  it.each(['2147483648', '9999999999'])('%s is beyond a timer', (value) =>
    expect(isFarConnectTimeout(value)).toBe(true),
  );

  it.each(['2147483647', '0002147483', '1000', '0'])('%s is not', (value) =>
    expect(isFarConnectTimeout(value)).toBe(false),
  );

  it.each([
    '',
    '99999999999',
    '-2147483648',
    '9999999999ms',
    '3e9',
    '0x99999999',
    ' 9999999999',
    '9999999999\n',
  ])('malformed is not beyond: %j', (value) => expect(isFarConnectTimeout(value)).toBe(false));
});

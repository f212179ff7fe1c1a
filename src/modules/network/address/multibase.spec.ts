import { describe, expect, it } from '@jest/globals';
import { decodeMultibase } from './multibase.js';

const hexOf = (bytes: Uint8Array | undefined) => bytes && Buffer.from(bytes).toString('hex');
const hexOfText = (text: string) => Buffer.from(text).toString('hex');

describe(decodeMultibase.name, () => {
  it.each([
    // RFC 4648 section 10, in lower case and without padding.
    ['b', ''],
    ['bmy', hexOfText('f')],
    ['bmzxq', hexOfText('fo')],
    ['bmzxw6', hexOfText('foo')],
    ['bmzxw6yq', hexOfText('foob')],
    ['bmzxw6ytb', hexOfText('fooba')],
    ['bmzxw6ytboi', hexOfText('foobar')],
    // The test table of the multibase specification.
    ['k2lcpzo5yikidynfl', hexOfText('yes mani !')],
    ['z7paNL19xttacUY', hexOfText('yes mani !')],
    ['k1', '01'],
    ['kzz', '050f'],
  ])('reads %s', (text, expected) => {
    expect(hexOf(decodeMultibase(text))).toBe(expected);
  });

  it.each(['', 'b1', 'bMY', 'bmy======', 'k', 'k01', 'kA', 'z', 'z0', 'zIl', 'f00', 'M', '🚀'])(
    'refuses %j',
    (text) => {
      expect(decodeMultibase(text)).toBeUndefined();
    },
  );
});

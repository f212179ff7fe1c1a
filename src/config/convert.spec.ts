import { describe, expect, it } from '@jest/globals';
import { convert } from './convert.js';
import { SettingFault } from './setting.js';

describe('convert', () => {
  it.each([
    { value: 'x', kind: 'text', is: 'x' },
    { value: 5, kind: 'text', is: '5' },
    { value: 'a,b', kind: 'texts', is: ['a', 'b'] },
    { value: ['a', 'b'], kind: 'texts', is: ['a', 'b'] },
    { value: [], kind: 'texts', is: [] },
    { value: '-5', kind: 'number', is: -5 },
    { value: 5, kind: 'number', is: 5 },
    { value: true, kind: 'switch', is: true },
    { value: 'T', kind: 'switch', is: true },
    { value: '0', kind: 'switch', is: false },
  ] as const)('$value as $kind', ({ value, kind, is }) => expect(convert(value, kind)).toEqual(is));

  it.each([
    { value: true, kind: 'text' },
    { value: ['a'], kind: 'text' },
    { value: [1], kind: 'texts' },
    { value: 1, kind: 'texts' },
    { value: '0x1', kind: 'number' },
    { value: '', kind: 'number' },
    { value: 1.5, kind: 'number' },
    { value: '9007199254740992', kind: 'number' },
    { value: 'yes', kind: 'switch' },
    { value: 2, kind: 'switch' },
  ] as const)('refuses $value as $kind', ({ value, kind }) =>
    expect(() => convert(value, kind)).toThrow(SettingFault),
  );
});

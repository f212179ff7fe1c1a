import { describe, expect, it } from '@jest/globals';
import { printable } from './printable.js';

describe(printable.name, () => {
  it.each([
    { name: 'text', text: 'Zürich 漢字 🙂', shown: 'Zürich 漢字 🙂' },
    { name: 'line ends', text: 'a\r\nb\u2028c', shown: 'a\\u000d\\u000ab\\u2028c' },
    { name: 'terminal codes', text: '\u001b[31mred\u009b', shown: '\\u001b[31mred\\u009b' },
    { name: 'half a character', text: '\ud83d', shown: '\\ud83d' },
    { name: 'a tag nobody sees', text: '\u{e0001}a', shown: '\\udb40\\udc01a' },
    { name: 'text that runs backwards', text: 'a\u202eb', shown: 'a\\u202eb' },
  ])('shows $name on one line', ({ text, shown }) => {
    expect(printable(text, 100)).toBe(shown);
  });

  it('cuts what is too long', () => {
    expect(printable('abcdef', 3)).toBe('abc');
  });
});

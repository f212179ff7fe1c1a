import { describe, expect, it } from '@jest/globals';
import { digestOf, parseTokens } from './parse-tokens.js';

const TOKEN = 'a'.repeat(32);

describe(parseTokens.name, () => {
  it('reads a token a line, and skips comments and empty lines', () => {
    const text = `# who may call\n\nadmin:alice:${TOKEN}\r\n  viewer:grafana@ops:${'b'.repeat(40)}==  \n`;
    expect(parseTokens(text)).toEqual([
      { role: 'admin', name: 'alice', digest: digestOf(TOKEN) },
      { role: 'viewer', name: 'grafana@ops', digest: digestOf(`${'b'.repeat(40)}==`) },
    ]);
  });

  it('reads two tokens of one name', () => {
    expect(parseTokens(`admin:a:${TOKEN}\nadmin:a:${'b'.repeat(32)}`)).toHaveLength(2);
  });

  it.each([
    { name: 'no token', line: 'admin:alice', says: /^line 2 does not read role:name:token$/ },
    { name: 'an unknown role', line: `root:alice:${TOKEN}`, says: /^line 2: the role must be/ },
    { name: 'the role that may nothing', line: `none:alice:${TOKEN}`, says: /the role must be/ },
    { name: 'no name', line: `admin::${TOKEN}`, says: /^line 2: a name has/ },
    { name: 'a long name', line: `admin:${'n'.repeat(65)}:${TOKEN}`, says: /a name has/ },
    { name: 'a name with a space', line: `admin:a b:${TOKEN}`, says: /a name has/ },
    { name: 'a short token', line: `admin:alice:${'a'.repeat(31)}`, says: /^line 2: a token has 32/ },
    { name: 'a long token', line: `admin:alice:${'a'.repeat(513)}`, says: /a token has 32/ },
    { name: 'a token with a space', line: `admin:alice:${'a '.repeat(20)}b`, says: /a token has 32/ },
    { name: 'a token twice', line: `admin:alice:${TOKEN}\nviewer:bob:${TOKEN}`, says: /^line 3: a token/ },
  ])('refuses $name', ({ line, says }) => {
    expect(() => parseTokens(`# first\n${line}`)).toThrow(says);
  });

  it('refuses more than 1,000', () => {
    const lines = Array.from({ length: 1_001 }, (_, n) => `viewer:v:${String(n).padStart(32, '0')}`);
    expect(() => parseTokens(lines.join('\n'))).toThrow(/more than 1000/);
  });

  it('shows no token in what it says', () => {
    expect(() => parseTokens(`admin:alice:${'secret '.repeat(5)}`)).toThrow(/^(?!.*secret)/);
  });
});

import { inspect } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { Secret } from './secret.js';

describe('Secret', () => {
  const secret = new Secret(Uint8Array.of(0xab, 0xcd));

  it.each([
    { name: 'text', shown: `${secret}` },
    { name: 'JSON', shown: JSON.stringify({ secret }) },
    { name: 'inspection', shown: inspect({ secret }, { showHidden: true }) },
  ])('is hidden in $name', ({ shown }) => {
    expect(shown).toContain('***');
    expect(shown).not.toMatch(/171|ab/i);
  });

  it('shows itself when asked', () => expect(secret.reveal()).toEqual(Uint8Array.of(0xab, 0xcd)));
});

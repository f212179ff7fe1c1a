import { describe, expect, it } from '@jest/globals';
import { OpenParts } from './open-parts.js';

describe(OpenParts.name, () => {
  const closed: string[] = [];
  const part = (name: string, failure?: Error) => ({
    close: async () => {
      closed.push(name);
      if (failure) throw failure;
    },
  });

  it('closes each part once, the last opened first, whatever one of them does', async () => {
    const sut = new OpenParts();
    const first = part('store');
    expect(sut.keep(first)).toBe(first);
    sut.keep(part('threads', new Error('no')));
    sut.keep(part('peers'));
    await sut.closeAll();
    await sut.closeAll();
    expect(closed).toEqual(['peers', 'threads', 'store']);
  });
});

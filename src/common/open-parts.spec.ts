import { beforeEach, describe, expect, it } from '@jest/globals';
import { type Closable, OpenParts } from './open-parts.js';

describe(OpenParts.name, () => {
  const closed: string[] = [];
  const part = (name: string, failure?: Error) => ({
    close: async () => {
      closed.push(name);
      if (failure) throw failure;
    },
  });

  beforeEach(() => {
    closed.length = 0;
  });

  it('closes each part once, the last opened first, whatever one of them does', async () => {
    const sut = new OpenParts();
    const first = part('store');
    expect(await sut.keep(first)).toBe(first);
    await sut.keep(part('threads', new Error('no')));
    await sut.keep(part('peers'));
    await sut.closeAll();
    await sut.closeAll();
    expect(closed).toEqual(['peers', 'threads', 'store']);
  });

  it('waits for what is still being opened, which may also fail', async () => {
    const sut = new OpenParts();
    let open = (_part: Closable) => {};
    const kept = sut.keep(
      new Promise<Closable>((resolve) => {
        open = resolve;
      }),
    );
    const failing = sut.keep(Promise.reject<Closable>(new Error('no')));
    const closing = sut.closeAll();
    open(part('late'));
    await closing;
    expect(closed).toEqual(['late']);
    await expect(failing).rejects.toThrow('no');
    await kept;
  });

  it('closes at once what comes after', async () => {
    const sut = new OpenParts();
    await sut.closeAll();
    await expect(sut.keep(part('later'))).rejects.toThrow('closed before it was open');
    expect(closed).toEqual(['later']);
  });
});

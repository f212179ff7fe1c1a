import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { Turns } from './turns.js';

describe(Turns.name, () => {
  it('does so many units in a turn, whoever asks, in the order they came', async () => {
    const turns = new Turns(4);
    const done: string[] = [];
    const work = async (name: string) => {
      for (let n = 0; n < 4; n += 1) {
        await turns.take(1);
        done.push(name);
      }
    };
    const all = Promise.all([work('a'), work('b')]);
    await Promise.resolve();
    await Promise.resolve();
    await Promise.resolve();
    await Promise.resolve();
    expect(done.toSorted()).toEqual(['a', 'a', 'b', 'b']);
    await turn();
    await all;
    expect(done.slice(4).toSorted()).toEqual(['a', 'a', 'b', 'b']);
  });

  it('gives a turn of its own to what is larger than one', async () => {
    const turns = new Turns(4);
    let isDone = false;
    await turns.take(100);
    const next = turns.take(1).then(() => {
      isDone = true;
    });
    await Promise.resolve();
    expect(isDone).toBe(false);
    await turn();
    await next;
    expect(isDone).toBe(true);
  });
});

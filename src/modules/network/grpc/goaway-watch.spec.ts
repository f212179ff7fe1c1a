import { describe, expect, it } from '@jest/globals';
import { cut, frame, PREFACE } from '../../../../test/support/http2-bytes.js';
import { GoawayWatch } from './goaway-watch.js';

const goaway = (code: number) => frame('goaway', 0, Buffer.from([0, 0, 0, 9, 0, 0, 0, code, 1, 2, 3]));
const before = Buffer.concat([
  PREFACE,
  frame('settings', 0),
  frame('data', 1, Buffer.concat([goaway(1), Buffer.alloc(50)])),
  goaway(0),
  frame('ping', 0, Buffer.alloc(8)),
]);

describe('GoawayWatch', () => {
  it.each([[1], [7], [9, 1], [1_000]])(
    'sees an error among other frames, cut in pieces of %d',
    (...sizes) => {
      const watch = new GoawayWatch(PREFACE.length);
      const sees = (bytes: Buffer) => cut(bytes, sizes).some((piece) => watch.sees(piece));
      expect(sees(before)).toBe(false);
      expect(sees(goaway(11))).toBe(true);
    },
  );
});

import { duplexPair } from 'node:stream';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from '@jest/globals';
import { eventually } from '../../../../test/support/eventually.js';
import { frame, OPENING } from '../../../../test/support/http2-bytes.js';
import { ManualClock } from '../../../../test/support/manual-clock.js';
import { Script, serve } from '../../../../test/support/served-stream.js';

const SESSIONS = 20;

setFlagsFromString('--expose-gc');
const collectGarbage: () => void = runInNewContext('gc');

describe('detachSession', () => {
  it('lets sessions be collected that the engine gave up with their SETTINGS not acknowledged', async () => {
    const flood = Buffer.concat(Array.from({ length: 5_000 }, () => frame('ping', 0, Buffer.alloc(8))));
    const breakOne = async () => {
      const [near, far] = duplexPair();
      near.on('error', () => {});
      near.resume();
      const session = serve(far, new Script(), new ManualClock());
      near.write(OPENING);
      for (let i = 0; i < 12 && !far.destroyed; i += 1) near.write(flood);
      await session.closed;
      near.destroy();
      return new WeakRef(session);
    };
    const sessions: WeakRef<object>[] = [];
    for (let i = 0; i < SESSIONS; i += 1) sessions.push(await breakOne());
    const left = () => sessions.filter((ref) => ref.deref() !== undefined).length;
    await eventually(
      () => {
        collectGarbage();
        return left() <= 2;
      },
      { describe: () => `${left()} of ${SESSIONS} sessions are still there` },
    );
    expect(left()).toBeLessThanOrEqual(2);
  });
});

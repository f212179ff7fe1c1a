import { describe, expect, it } from '@jest/globals';
import { Subject } from 'rxjs';
import { aPeerId } from '../../../../test/support/identity-under-test.js';
import { RecordingLogger } from '../../../../test/support/recording-logger.js';
import { NetworkError } from '../network.errors.js';
import type { PeerId } from '../ports/types.js';
import { CourtesyQuery } from './courtesy-query.service.js';

const PEER = aPeerId(1);

function aQuery(ask: (peerId: PeerId, signal: AbortSignal) => Promise<void> = async () => {}) {
  const turnedAway$ = new Subject<PeerId>();
  const story: string[] = [];
  const log = new RecordingLogger();
  const identity = {
    turnedAway$,
    disconnect: async (_peerId: PeerId, { code }: NetworkError) => void story.push(`left: ${code}`),
  };
  const query = {
    ask: async (peerId: PeerId, signal: AbortSignal) => {
      story.push(`asked ${peerId}`);
      await ask(peerId, signal);
    },
  };
  const courtesy = new CourtesyQuery(identity, query, log);
  return { courtesy, turnedAway$, story, log };
}

/** Lets promises run. */
const settle = () => new Promise((resolve) => setImmediate(resolve));

describe(CourtesyQuery.name, () => {
  it('asks a full node and leaves', async () => {
    const { courtesy, turnedAway$, story } = aQuery();
    courtesy.start();
    courtesy.start();
    turnedAway$.next(PEER);
    await settle();
    expect(story).toEqual([`asked ${PEER}`, 'left: NETWORK.TEMPORARY_DIAL_DONE']);
  });

  it.each([
    { name: 'a peer', error: new NetworkError({ code: 'NETWORK.NOT_CONNECTED', peerId: PEER }), errors: 0 },
    { name: 'our own', error: new Error('bug'), errors: 1 },
  ])('leaves also after a failure of $name', async ({ error, errors }) => {
    const { courtesy, turnedAway$, story, log } = aQuery(() => Promise.reject(error));
    courtesy.start();
    turnedAway$.next(PEER);
    await settle();
    expect(story.at(-1)).toBe('left: NETWORK.TEMPORARY_DIAL_DONE');
    expect(log.lines.filter(({ level }) => level === 'error')).toHaveLength(errors);
  });

  it('cancels what it asks when it stops, and asks no more', async () => {
    let cancelled = false;
    const { courtesy, turnedAway$, story } = aQuery(async (_peerId, signal) => {
      signal.addEventListener('abort', () => {
        cancelled = true;
      });
    });
    courtesy.start();
    turnedAway$.next(PEER);
    courtesy.stop();
    turnedAway$.next(aPeerId(2));
    await settle();
    expect(cancelled).toBe(true);
    expect(story).toHaveLength(2);
  });

  it('may stop before it starts', async () => {
    const { courtesy, turnedAway$, story } = aQuery();
    courtesy.stop();
    courtesy.start();
    turnedAway$.next(PEER);
    await settle();
    expect(story).toEqual([]);
  });
});

import { describe, expect, it } from '@jest/globals';
import { NetworkError } from '../network.errors.js';
import type { AddProgress } from '../ports/peers.port.js';
import { AddRequest } from './add-request.js';

const error = new NetworkError({ code: 'NETWORK.CANCELLED' });

function told(request: AddRequest): (AddProgress | 'end')[] {
  const seen: (AddProgress | 'end')[] = [];
  request.progress$.subscribe({ next: (progress) => seen.push(progress), complete: () => seen.push('end') });
  return seen;
}

describe(AddRequest.name, () => {
  it('tells each stage once, also those who come late, and ends', () => {
    const request = new AddRequest();
    const early = told(request);
    expect(request.stage).toBeUndefined();
    for (const stage of ['queued', 'queued', 'dialing', 'handshake', 'dialing'] as const)
      request.reach(stage);
    expect(request.stage).toBe('handshake');
    expect(request.signal.aborted).toBe(false);
    request.connected();
    const stages = ['queued', 'dialing', 'handshake', 'connected'].map((stage) => ({ stage }));
    expect(early).toEqual([...stages, 'end']);
    expect(told(request)).toEqual([...stages, 'end']);
    expect(request.signal.aborted).toBe(true);
  });

  it.each([
    { reached: undefined, at: 'queue' },
    { reached: 'queued', at: 'queue' },
    { reached: 'dialing', at: 'dial' },
    { reached: 'handshake', at: 'handshake' },
  ] as const)('fails at $at when it has come to $reached', ({ reached, at }) => {
    const request = new AddRequest();
    if (reached !== undefined) request.reach(reached);
    request.fail(error);
    expect(told(request).slice(-2)).toEqual([{ stage: 'failed', at, error }, 'end']);
    expect(request.signal.aborted).toBe(true);
  });

  it('may skip stages', () => {
    const request = new AddRequest();
    request.connected();
    expect(told(request)).toEqual([{ stage: 'connected' }, 'end']);
  });

  it('stays as it ended', () => {
    const [joined, failed] = [new AddRequest(), new AddRequest()];
    joined.connected();
    joined.fail(error);
    failed.fail(error);
    failed.connected();
    failed.fail(error);
    expect(told(joined)).toEqual([{ stage: 'connected' }, 'end']);
    expect(told(failed)).toEqual([{ stage: 'failed', at: 'queue', error }, 'end']);
    expect(failed.stage).toBeUndefined();
  });
});

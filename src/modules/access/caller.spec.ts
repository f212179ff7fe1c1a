import { describe, expect, it } from '@jest/globals';
import { callerOf, rememberCaller } from './caller.js';

describe(callerOf.name, () => {
  it('is who the transport said, for this call only', () => {
    const metadata = {};
    rememberCaller(metadata, { name: 'ops', role: 'admin', how: 'token' });
    expect(callerOf(metadata).name).toBe('ops');
    expect(callerOf({})).toEqual({ name: 'unknown', role: 'none', how: 'anonymous' });
  });

  it.each([undefined, null, 'ops'])('is nobody for %p, which no call has', (metadata) => {
    expect(callerOf(metadata).role).toBe('none');
  });
});

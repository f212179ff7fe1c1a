import { describe, expect, it } from '@jest/globals';
import { portableIdentity, processIdentity } from './process-identity.js';

const NO_PROCESS = 2 ** 22 + 1;

describe(processIdentity.name, () => {
  it('tells processes apart, also where there is no /proc', () => {
    expect(processIdentity(process.pid)).toBe(processIdentity(process.pid));
    expect(processIdentity(process.pid)).not.toBe(processIdentity(process.ppid));
    expect(processIdentity(NO_PROCESS)).toBeUndefined();
    expect(portableIdentity(process.pid)).toBe('running');
    expect(portableIdentity(NO_PROCESS)).toBeUndefined();
  });
});

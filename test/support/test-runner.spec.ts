import { describe, expect, it, jest } from '@jest/globals';
import * as bundled from './test-runner.js';

describe(bundled.useTestRunner.name, () => {
  it('lets the suites use the globals of the runner, or what they were given', () => {
    expect(bundled.expect(1)).toHaveProperty('toBe');
    const other = jest.fn(() => 'other');
    const runner = { describe: other, it: other, expect: other, beforeEach: other, afterEach: other };
    bundled.useTestRunner(Object.assign(runner, { expect: Object.assign(other, { any: () => 'any' }) }));
    expect(bundled.expect(1)).toBe('other');
    expect(bundled.expect).toHaveProperty('any');
    bundled.useTestRunner({} as bundled.TestRunner);
    expect(() => bundled.it('x')).toThrow('no it');
  });
});

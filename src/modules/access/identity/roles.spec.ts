import { describe, expect, it } from '@jest/globals';
import { ROLES } from '../ports/access.port.js';
import { covers, isMutation } from './roles.js';

describe(covers.name, () => {
  it.each([
    ['none', ['none']],
    ['viewer', ['none', 'viewer']],
    ['operator', ['none', 'viewer', 'operator']],
    ['admin', ['none', 'viewer', 'operator', 'admin']],
  ] as const)('%s may do %j', (role, expected) => {
    expect(ROLES.filter((needed) => covers(role, needed))).toEqual(expected);
  });
});

describe(isMutation.name, () => {
  it('is what operators and admins may', () => {
    expect(ROLES.filter(isMutation)).toEqual(['operator', 'admin']);
  });
});

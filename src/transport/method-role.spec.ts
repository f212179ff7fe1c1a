import { getOption } from '@bufbuild/protobuf';
import { describe, expect, it } from '@jest/globals';
import { aCaller, anAccess, tokenOf } from '../../test/support/access-under-test.js';
import { codeOf } from '../../test/support/system-under-test.js';
import { method as methodOption, Role } from '../gen/edgekeeper/v1/rules_pb.js';
import { roleNeeded } from './method-role.js';
import { OPERATOR_SERVICES } from './operator-services.js';

const METHODS = OPERATOR_SERVICES.flatMap((service) =>
  service.methods.map((method) => ({
    path: `/${service.typeName}/${method.name}`,
    method,
    stated: getOption(method, methodOption).role,
    isStream: method.methodKind !== 'unary',
  })),
);

const CALLERS = [
  { name: 'who shows nothing', token: undefined, role: Role.UNSPECIFIED },
  { name: 'a viewer', token: tokenOf('viewer'), role: Role.VIEWER },
  { name: 'an operator', token: tokenOf('operator'), role: Role.OPERATOR },
  { name: 'an admin', token: tokenOf('admin'), role: Role.ADMIN },
];

describe(roleNeeded.name, () => {
  it.each(METHODS)('$path states its role', ({ stated }) => {
    expect(Role[stated]).toMatch(/^(VIEWER|OPERATOR|ADMIN)$/);
  });

  describe.each(CALLERS)('$name', ({ token, role }) => {
    it.each(METHODS)('$path', ({ path, method, stated, isStream }) => {
      const { sut } = anAccess();
      const call = { path, role: roleNeeded(method), isStream };
      const refusal = token === undefined ? 'ACCESS.UNAUTHENTICATED' : 'ACCESS.FORBIDDEN';
      expect(codeOf(() => sut.admit(aCaller({ token }), call))).toBe(role >= stated ? 'none' : refusal);
    });
  });

  it('a page changes nothing with what the browser has', () => {
    const { sut } = anAccess();
    const page = aCaller({ address: '127.0.0.1', origin: 'https://page.example' });
    const admitted = METHODS.filter(({ path, method, isStream }) => {
      const call = { path, role: roleNeeded(method), isStream };
      return codeOf(() => sut.admit(page, call)) === 'none';
    });
    expect(admitted).toEqual(METHODS.filter(({ stated }) => stated === Role.VIEWER));
  });
});

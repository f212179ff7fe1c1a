import { beforeEach, describe, expect, it } from '@jest/globals';
import type { Access, CalledMethod, CallerFacts } from '../../modules/access/index.js';
import { CallGate } from './call-gate.js';

const facts: CallerFacts = { transport: 'grpc', address: '127.0.0.1', isEncrypted: false };

const PATH = '/v1.System/GetStatus';

describe(CallGate.name, () => {
  let asked: CalledMethod[];
  let ended: number;
  let turnedAway: string[];
  let sut: CallGate;

  beforeEach(() => {
    asked = [];
    ended = 0;
    turnedAway = [];
    const access: Access = {
      admit: (_facts, call) => {
        asked.push(call);
        const end = () => {
          ended += 1;
        };
        return { identity: { name: 'ops', role: 'admin', how: 'token' }, end };
      },
      acceptConnection: () => () => undefined,
      handshakeFailed: () => undefined,
      turnedAway: (_facts, path, { code }) => turnedAway.push(`${code} ${path}`),
    };
    sut = new CallGate(access, 2);
  });

  it.each([
    ['/v1.System/GetStatus', 'viewer', false],
    ['/v1.System/PeersAdd', 'operator', false],
    ['/v1.System/Subscribe', 'viewer', true],
    ['/grpc.health.v1.Health/Check', 'none', false],
    ['/grpc.health.v1.Health/Watch', 'viewer', true],
    ['/grpc.reflection.v1.ServerReflection/ServerReflectionInfo', 'viewer', true],
  ])('%s needs the role %s; a stream: %s', (path, role, isStream) => {
    sut.admit(facts, path);
    expect(asked).toEqual([{ path, role, isStream }]);
  });

  it('takes so many calls at a time, and each end counts once', () => {
    const [first] = [sut.admit(facts, PATH), sut.admit(facts, PATH)];
    const tooMany = expect.objectContaining({ code: 'SYSTEM.TOO_MANY_CALLS' });
    expect(() => sut.admit(facts, PATH)).toThrow(tooMany);
    expect(turnedAway).toEqual(['SYSTEM.TOO_MANY_CALLS /v1.System/GetStatus']);
    first.end();
    first.end();
    expect(ended).toBe(1);
    sut.admit(facts, PATH);
    expect(() => sut.admit(facts, PATH)).toThrow(tooMany);
  });

  it.each([
    ['/unheard.Of/Method', 'unknown service unheard.Of'],
    ['/v1.System/Method', 'unknown method Method for service v1.System'],
    ['/v1.System', 'unknown service '],
    ['/v1.System/', 'unknown method  for service v1.System'],
    ['/v1.System/GetStatus/', 'unknown service v1.System/GetStatus'],
    ['*', 'unknown service '],
    [`/${'x'.repeat(9_000)}/y`, `unknown service ${'x'.repeat(128)}`],
  ])('lets no call through to %s', (path, message) => {
    expect(sut.unserved(path)?.message).toBe(message);
    expect(() => sut.admit(facts, path)).toThrow(message);
    expect(turnedAway).toEqual([`SYSTEM.METHOD_UNKNOWN ${path}`]);
    expect(asked).toEqual([]);
  });
});

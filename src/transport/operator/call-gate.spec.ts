import { beforeEach, describe, expect, it } from '@jest/globals';
import type { Access, CalledMethod, CallerFacts } from '../../modules/access/index.js';
import { CallGate } from './call-gate.js';

const facts: CallerFacts = { transport: 'grpc', address: '127.0.0.1', isEncrypted: false };

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
    ['/unheard.Of/Method', 'admin', true],
  ])('%s needs the role %s; a stream: %s', (path, role, isStream) => {
    sut.admit(facts, path);
    expect(asked).toEqual([{ path, role, isStream }]);
  });

  it('takes so many calls at a time, and each end counts once', () => {
    const [first] = [sut.admit(facts, '/a/B'), sut.admit(facts, '/a/B')];
    const tooMany = expect.objectContaining({ code: 'SYSTEM.TOO_MANY_CALLS' });
    expect(() => sut.admit(facts, '/a/B')).toThrow(tooMany);
    expect(turnedAway).toEqual(['SYSTEM.TOO_MANY_CALLS /a/B']);
    first.end();
    first.end();
    expect(ended).toBe(1);
    sut.admit(facts, '/a/B');
    expect(() => sut.admit(facts, '/a/B')).toThrow(tooMany);
  });
});

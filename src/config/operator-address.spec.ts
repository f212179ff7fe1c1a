import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { operatorAddress } from './operator-address.js';

const TOKEN = 'EDGEKEEPER_OPERATOR_TOKEN_FILE';
const CA = 'EDGEKEEPER_OPERATOR_CA_FILE';

describe(operatorAddress.name, () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'edgekeeper-operator-address-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const file = (name: string, text: string | Buffer) => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };

  it.each([
    { flag: undefined, env: {}, expected: { host: '127.0.0.1', port: 9_632 } },
    {
      flag: undefined,
      env: { EDGEKEEPER_GRPC_ADDRESS: '10.0.0.5:1' },
      expected: { host: '10.0.0.5', port: 1 },
    },
    { flag: ':2', env: { EDGEKEEPER_GRPC_ADDRESS: '10.0.0.5:1' }, expected: { host: '127.0.0.1', port: 2 } },
  ])('of $flag and $env it is $expected', ({ flag, env, expected }) => {
    expect(operatorAddress(flag, env)).toEqual({ ...expected, token: undefined, tls: undefined });
  });

  it('shows what the files hold, and is encrypted as soon as one of them is a certificate', () => {
    const token = { [TOKEN]: file('token', 'a-token\n') };
    expect(operatorAddress(undefined, token)).toMatchObject({ token: 'a-token', tls: undefined });
    const both = { ...token, [CA]: file('ca', 'PEM\n') };
    expect(operatorAddress(undefined, both)).toMatchObject({ token: 'a-token', tls: { ca: 'PEM' } });
  });

  it.each([
    { name: 'an empty certificate, which would mean plaintext', variable: CA, text: '\n', says: 'is empty' },
    { name: 'an empty token', variable: TOKEN, text: '', says: 'is empty' },
    {
      name: 'a file without end',
      variable: TOKEN,
      text: Buffer.alloc(1_024 * 1_024 + 1, 'a'),
      says: 'too large',
    },
    { name: 'a file that is not there', variable: TOKEN, text: undefined, says: 'ENOENT' },
  ])('refuses $name', ({ variable, text, says }) => {
    const path = text === undefined ? join(folder, 'none') : file('given', text);
    expect(() => operatorAddress(undefined, { [variable]: path })).toThrow(
      expect.objectContaining({
        code: 'CONFIG.INVALID',
        detail: expect.objectContaining({
          faults: [{ source: variable, text: expect.stringContaining(says) }],
        }),
      }),
    );
  });
});

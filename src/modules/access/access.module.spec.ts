import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Global, Module } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { aCall, aCaller, tokenOf } from '../../../test/support/access-under-test.js';
import { CLOCK, SystemClock } from '../../common/clock.js';
import { LOGGER, SilentLogger } from '../../common/logger.port.js';
import { METRICS, NoMetrics } from '../../common/metrics.port.js';
import { accessConfigSchema } from './access.config.js';
import { ACCESS, type Access, AccessModule, createAccess } from './index.js';

const COMMON = [
  { provide: LOGGER, useClass: SilentLogger },
  { provide: CLOCK, useClass: SystemClock },
  { provide: METRICS, useClass: NoMetrics },
];

@Global()
@Module({ providers: COMMON, exports: COMMON })
class CommonModule {}

describe(AccessModule.name, () => {
  let folder: string;
  let tokenFile: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'edgekeeper-access-'));
    tokenFile = join(folder, 'tokens');
    writeFileSync(tokenFile, `viewer:grafana:${tokenOf('viewer')}`, { mode: 0o600 });
  });

  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const open = (settings: object) =>
    Test.createTestingModule({
      imports: [CommonModule, AccessModule.forRoot(accessConfigSchema.parse(settings))],
    }).compile();

  it('gives the gate as the settings want it', async () => {
    const module = await open({ tokenFile });
    const { identity } = module
      .get<Access>(ACCESS)
      .admit(aCaller({ token: tokenOf('viewer') }), aCall('viewer'));
    expect(identity).toEqual({ name: 'grafana', role: 'viewer', how: 'token' });
  });

  it('is had without an application too', () => {
    const config = accessConfigSchema.parse({ tokenFile });
    const access = createAccess({ config, log: new SilentLogger(), clock: new SystemClock() });
    const { identity } = access.admit(aCaller({ token: tokenOf('viewer') }), aCall('viewer'));
    expect(identity.name).toBe('grafana');
  });

  it('knows no token without a file', async () => {
    const access = (await open({})).get<Access>(ACCESS);
    expect(() => access.admit(aCaller({ token: tokenOf('viewer') }), aCall('viewer'))).toThrow(
      expect.objectContaining({ code: 'ACCESS.UNAUTHENTICATED' }),
    );
  });

  it('does not begin with a file that others may read, and then opens nothing', () => {
    chmodSync(tokenFile, 0o644);
    const config = accessConfigSchema.parse({ tokenFile });
    expect(() => AccessModule.forRoot(config)).toThrow(
      expect.objectContaining({ code: 'ACCESS.TOKEN_FILE' }),
    );
  });

  it.each(['ops', '=admin', 'ops=root', ''])('refuses the certificate entry %j', (entry) => {
    expect(accessConfigSchema.safeParse({ certificateRoles: [entry] }).success).toBe(false);
  });
});

import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { runCli } from '../../../test/support/cli.js';
import { readGenesisText } from '../../../test/support/genesis-texts.js';
import { OperatorServer } from '../../../test/support/operator-server.js';
import { polybftText } from '../../../test/support/recorded-chain.js';
import { restoredFolder } from '../../../test/support/restored-folder.js';
import { SystemRandom } from '../../common/random.js';
import { LocalSecrets } from '../../config/secrets/local-secrets.js';

interface Check {
  readonly name: string;
  readonly health: string;
  readonly detail: string;
  readonly cause?: string;
  readonly advice?: string;
}

let folder: string;
const closers: (() => unknown)[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'edgekeeper-doctor-'));
  writeFileSync(at('genesis.json'), readGenesisText('ibft-ecdsa'));
});
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
  rmSync(folder, { recursive: true });
});

const at = (name: string) => join(folder, name);
const held = async (): Promise<number> => {
  const server: Server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closers.push(() => server.close());
  return (server.address() as AddressInfo).port;
};

/** On ports of its own, so that a node of the machine changes nothing. */
async function doctor(...args: readonly string[]) {
  const base = ['--chain', at('genesis.json'), '--data-dir', folder, '--libp2p', '127.0.0.1:0'];
  const grpc = args.includes('--grpc-address') ? [] : ['--grpc-address', '127.0.0.1:0'];
  const run = await runCli(['doctor', '--json', ...base, ...grpc, ...args]);
  const report = JSON.parse(run.stdout || '{}') as { ok: boolean; checks: Check[] };
  const of = (name: string) => report.checks.find((check) => check.name === name);
  return { ...run, report, of };
}

describe('doctor', () => {
  it('finds nothing wrong with a new folder', async () => {
    await new LocalSecrets(folder, new SystemRandom()).create('network-key');
    const { report, of, exitCode, stderr } = await doctor();
    expect({ ok: report.ok, exitCode, stderr }).toEqual({ ok: true, exitCode: 0, stderr: '' });
    expect(report.checks.map(({ name }) => name)).toEqual([
      'configuration',
      'genesis',
      'data folder',
      'keys',
      'disk',
      'clock',
      'node',
      'ports',
      'blocks',
    ]);
    expect(of('keys')?.detail).toMatch(/^peer ID 16Uiu2HA\w+, no validator key$/);
    expect(of('genesis')?.detail).toMatch(/^chain \d+, ibft, genesis 0x[0-9a-f]{64}$/);
    expect(of('blocks')?.detail).toBe('none are stored yet');
    expect(existsSync(at('edgekeeper'))).toBe(false);
  });

  it('says what a setting has wrong, and looks no further', async () => {
    const { report, exitCode } = await doctor('--max-peers', 'many');
    expect(report.checks).toMatchObject([
      { name: 'configuration', health: 'failed', cause: 'configuration', advice: expect.any(String) },
    ]);
    expect(exitCode).toBe(1);
  });

  it('says what to do without a data folder', async () => {
    const run = await runCli(['doctor', '--json']);
    const { checks } = JSON.parse(run.stdout) as { checks: Check[] };
    expect(checks).toMatchObject([{ cause: 'configuration', detail: 'data directory not defined' }]);
    expect(checks[0]?.advice).toContain('--data-dir');
  });

  it.each([
    {
      name: 'a genesis file that is none',
      prepare: () => writeFileSync(at('genesis.json'), '{'),
      check: 'genesis',
      cause: 'genesis',
    },
    {
      name: 'a broken key',
      prepare: () => {
        mkdirSync(at('libp2p'));
        writeFileSync(at('libp2p/libp2p.key'), 'junk');
      },
      check: 'keys',
      cause: 'failed',
    },
    {
      name: 'files of the future',
      prepare: () => utimesSync(at('genesis.json'), 5_000_000_000, 5_000_000_000),
      check: 'clock',
      cause: 'clock',
    },
    {
      name: 'a store that is none',
      prepare: () => {
        mkdirSync(at('edgekeeper/blocks'), { recursive: true });
        writeFileSync(at('edgekeeper/blocks/data.mdb'), 'x'.repeat(9_000));
      },
      check: 'blocks',
      cause: 'BLOCKCHAIN.STORE_CORRUPT',
    },
  ])('finds $name', async ({ prepare, check, cause }) => {
    prepare();
    const { of, exitCode, report } = await doctor();
    expect(of(check)).toMatchObject({ health: 'failed', cause });
    expect({ ok: report.ok, exitCode }).toEqual({ ok: false, exitCode: 1 });
  });

  it.each([
    {
      of: 'whose hash the file gives',
      other: readGenesisText('ibft-bls'),
      cause: 'BLOCKCHAIN.STORE_OTHER_CHAIN',
    },
    { of: 'whose hash a peer tells', other: polybftText, cause: 'BLOCKCHAIN.GENESIS_MISMATCH' },
  ])('finds blocks that are not of the chain $of', async ({ other, cause }) => {
    await restoredFolder(folder, 'ibft-ecdsa');
    expect((await doctor()).of('blocks')).toMatchObject({ health: 'ok' });
    writeFileSync(at('genesis.json'), other);
    const { of, exitCode } = await doctor();
    expect(of('blocks')).toMatchObject({ health: 'failed', cause });
    expect(of('blocks')?.advice).toContain('--data-dir');
    expect(exitCode).toBe(1);
  });

  it('warns of keys that everybody can read', async () => {
    await new LocalSecrets(folder, new SystemRandom()).create('network-key');
    chmodSync(at('libp2p/libp2p.key'), 0o444);
    const { of, exitCode } = await doctor();
    expect(of('keys')).toMatchObject({ health: 'warning', cause: 'keys-open' });
    expect(exitCode).toBe(0);
  });

  it('finds ports that are taken', async () => {
    const port = await held();
    const { of, exitCode } = await doctor('--libp2p', `127.0.0.1:${port}`);
    expect(of('ports')).toMatchObject({ health: 'failed', cause: 'ports' });
    expect(of('ports')?.detail).toBe(`127.0.0.1:${port} (--libp2p): in use`);
    expect(exitCode).toBe(1);
  });

  it('looks at the node that runs, and leaves its ports and blocks alone', async () => {
    const server = await OperatorServer.start({
      getStatus: () => ({ network: 100n, current: { number: 9n, hash: '0x1' } }),
      peersList: () => ({ peers: [{ id: 'one', addrs: [] }] }),
    });
    closers.push(() => server.stop());
    const { of } = await doctor('--grpc-address', server.address);
    expect(of('node')).toMatchObject({ health: 'ok', detail: 'runs, chain 100, height 9, 1 peers' });
    expect([of('ports')?.health, of('blocks')?.health]).toEqual(['skipped', 'skipped']);
  });

  it('says that no node runs, which is no fault', async () => {
    const port = await held();
    closers.splice(0)[0]?.();
    const { of } = await doctor('--grpc-address', `127.0.0.1:${port}`);
    expect(of('node')).toMatchObject({ health: 'skipped', detail: `none runs at 127.0.0.1:${port}` });
  });
});

describe('doctor --bundle', () => {
  const secrets = () => new LocalSecrets(folder, new SystemRandom());

  it.each(['report.tar.gz', 'report.json'])('holds what a report needs, and no key: %s', async (name) => {
    const keys = [await secrets().create('network-key'), await secrets().create('validator-key')];
    const spelled = keys.flatMap((key) => {
      const bytes = Buffer.from(key.reveal());
      return [bytes.toString('hex'), bytes.toString('base64')];
    });
    writeFileSync(
      at('node.log'),
      `started ${spelled.join(' ')} Authorization: Bearer topsecrettoken\nlast line\n`,
    );
    const { exitCode } = await doctor('--log-to', at('node.log'), '--bundle', at(name));
    expect(exitCode).toBe(0);
    expect(statSync(at(name)).mode & 0o777).toBe(0o600);
    const text = name.endsWith('.json')
      ? readFileSync(at(name), 'utf8')
      : execFileSync('tar', ['xzOf', at(name)], { encoding: 'utf8' });
    for (const secret of [...spelled, 'topsecrettoken']) expect(text).not.toContain(secret);
    expect(text).toContain('last line');
    expect(text).toContain('"chainPath"');
    expect(text).toContain('"network.listenPort":"flag"');
    expect(text).toContain('"health":"ok"');
    expect(text).toContain(`"node":"${process.version}"`);
  });

  it('writes over nothing, and takes no other kind of file', async () => {
    writeFileSync(at('report.json'), 'mine');
    const again = await doctor('--bundle', at('report.json'));
    expect(again.exitCode).toBe(1);
    expect(again.stderr).toContain('file exists');
    expect(readFileSync(at('report.json'), 'utf8')).toBe('mine');
    expect((await doctor('--bundle', at('report.zip'))).stderr).toContain('.tar.gz or .json');
  });
});

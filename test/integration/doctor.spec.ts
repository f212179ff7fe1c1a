import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { type AddressInfo, createServer as createTcpServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { runCli } from '../support/cli.js';
import { eventually } from '../support/eventually.js';
import { testPeerId } from '../support/peer-ids.js';
import { aKey, singleValidatorGenesis, TestNode } from '../support/test-node.js';

interface Stage {
  readonly name: string;
  readonly health: string;
  readonly cause?: string;
  readonly advice?: string;
  readonly detail: string;
}

describe('doctor with an address', () => {
  const validatorKey = aKey();
  const genesis = singleValidatorGenesis(validatorKey);
  const folder = mkdtempSync(join(tmpdir(), 'edgekeeper-doctor-'));
  const ours = join(folder, 'genesis.json');
  const other = join(folder, 'other.json');
  const servers: Server[] = [];
  let node: TestNode;

  beforeAll(async () => {
    writeFileSync(ours, genesis);
    writeFileSync(other, singleValidatorGenesis(validatorKey, { chainId: 7_332 }));
    node = await TestNode.start({ genesis, validatorKey });
  });
  afterEach(() => {
    for (const server of servers.splice(0)) server.close();
  });
  afterAll(async () => {
    await node.stop();
    rmSync(folder, { recursive: true });
  });

  const listening = async (server: Server): Promise<number> => {
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return (server.address() as AddressInfo).port;
  };
  const doctor = async (...args: readonly string[]) => {
    const run = await runCli(['doctor', '--json', ...args]);
    const report = JSON.parse(run.stdout) as { ok: boolean; peers: { stages: Stage[] }[] };
    const stages = report.peers[0]?.stages ?? [];
    const failed = stages.find(({ health }) => health === 'failed');
    return { ...run, ok: report.ok, stages, failed, healths: stages.map(({ health }) => health) };
  };

  it.each([
    { name: 'of any chain', args: [] as string[] },
    { name: 'of ours', args: ['--chain', ours] },
  ])('finds nothing wrong with a peer $name, and leaves nothing behind', async ({ args }) => {
    const { exitCode, ok, stages } = await doctor(node.address, ...args);
    expect(stages.map(({ name, health }) => `${name} ${health}`)).toEqual(
      ['resolve', 'connect', 'noise', 'identity', 'yamux', 'hello', 'sync'].map((name) => `${name} ok`),
    );
    expect(stages[5]?.detail).toMatch(/^chain 7331, genesis 0x[0-9a-f]{64}/);
    expect(stages[6]?.detail).toMatch(/^height \d+$/);
    expect({ exitCode, ok }).toEqual({ exitCode: 0, ok: true });
    await eventually(() => node.peers.list().length === 0);
  });

  it('says it for people, with colours on a terminal only', async () => {
    const plain = await runCli(['doctor', node.address]);
    expect(plain.stdout).toMatch(
      /^\n\[DOCTOR\] \/ip4\/127\.0\.0\.1\/tcp\/\d+\/p2p\/\w+\nresolve {8}ok {8,}\d+ ms {2}\/ip4/,
    );
    expect(plain.stdout).not.toContain('\u001b');
    const terminal = { colours: true, progress: true };
    expect((await runCli(['doctor', node.address], { terminal })).stdout).toContain('\u001b[32mok');
  });

  it('tells what another chain is', async () => {
    const { exitCode, failed, healths } = await doctor(node.address, '--chain', other);
    expect(failed).toMatchObject({ name: 'hello', cause: 'other-chain' });
    expect(failed?.detail).toContain('is on chain 7331, not 7332');
    expect([healths.at(-1), exitCode]).toEqual(['skipped', 1]);
  });

  it('tells who is there when it is somebody else', async () => {
    const [transport] = node.address.split('/p2p/');
    const { failed } = await doctor(`${transport}/p2p/${testPeerId(5)}`);
    expect(failed).toMatchObject({ name: 'identity', cause: 'other-identity', detail: node.peers.self });
  });

  it('tells a closed port, with what to do', async () => {
    const port = await listening(createTcpServer());
    servers.splice(0)[0]?.close();
    const { failed, exitCode } = await doctor(`/ip4/127.0.0.1/tcp/${port}/p2p/${testPeerId(5)}`);
    expect(failed).toMatchObject({ name: 'connect', cause: 'refused' });
    expect(failed?.advice).toContain('--libp2p');
    expect(exitCode).toBe(1);
  });

  it('tells what is no libp2p', async () => {
    const port = await listening(createServer((_request, response) => response.end()));
    const { failed } = await doctor(`/ip4/127.0.0.1/tcp/${port}/p2p/${testPeerId(5)}`);
    expect(failed).toMatchObject({ name: 'noise', cause: 'not-libp2p' });
  });

  it('tells who hangs up', async () => {
    const port = await listening(createTcpServer((socket) => socket.destroy()));
    const { failed } = await doctor(`/ip4/127.0.0.1/tcp/${port}/p2p/${testPeerId(5)}`);
    expect(failed).toMatchObject({ name: 'noise', health: 'failed' });
  });

  it('tells a name that nobody has', async () => {
    const { failed } = await doctor(`/dns4/nobody.invalid/tcp/1478/p2p/${testPeerId(5)}`);
    expect(failed).toMatchObject({ name: 'resolve', cause: 'unknown-name' });
  });

  it('refuses what is no address, and goes on with the next', async () => {
    const run = await runCli(['doctor', '--json', 'nonsense\u001b[31m', node.address]);
    const { peers } = JSON.parse(run.stdout) as { peers: { ok: boolean; stages: Stage[] }[] };
    expect(peers.map(({ ok }) => ok)).toEqual([false, true]);
    expect(peers[0]?.stages).toMatchObject([{ name: 'address', cause: 'bad-address' }]);
    expect((await runCli(['doctor', 'nonsense\u001b[31m'])).stdout).not.toContain('\u001b');
  });
});

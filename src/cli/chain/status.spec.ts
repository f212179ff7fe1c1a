import { type AddressInfo, createServer, type Socket } from 'node:net';
import { Code, ConnectError } from '@connectrpc/connect';
import { afterEach, describe, expect, it } from '@jest/globals';
import { type CliRun, cliFixture, runCli, withoutStatus } from '../../../test/support/cli.js';
import { eventually } from '../../../test/support/eventually.js';
import { ManualClock } from '../../../test/support/manual-clock.js';
import { OperatorServer } from '../../../test/support/operator-server.js';

let server: OperatorServer | undefined;

afterEach(async () => {
  await server?.stop();
  server = undefined;
});

const recorded = {
  network: 4101n,
  current: { number: 318n, hash: '0x325b6f1663a073c80cb6c4472a322ca2d10b4a29651af9d7f07dde7eb21f8e49' },
  p2pAddr: '/ip4/127.0.0.1/tcp/21001/p2p/16Uiu2HAmAQLdECPvYyixQMWSesTJd7jbF1Q9JGVXLQM5PHRrZVy9',
};

async function closedAddress(): Promise<string> {
  const gone = await OperatorServer.start({});
  await gone.stop();
  return gone.address;
}

describe('status', () => {
  it.each([
    { fixture: 'status.txt', flags: [] },
    { fixture: 'status.json.txt', flags: ['--json'] },
  ])('prints $fixture', async ({ fixture, flags }) => {
    server = await OperatorServer.start({ getStatus: () => recorded });
    const run = await runCli(['status', '--grpc-address', server.address, ...flags]);
    expect(run).toEqual({ stdout: cliFixture(fixture).stdout, stderr: '', exitCode: 0 });
  });

  it('shows what only our node tells when asked for it', async () => {
    const ours = { ...recorded, genesis: '0xab', genesisTrust: 'computed', verification: 'structure' };
    server = await OperatorServer.start({ getStatus: () => ours });
    const text = await runCli(['status', '--details', '--grpc-address', server.address]);
    expect(text.stdout).toMatch(/Genesis Hash += 0xab\nGenesis += computed\nVerification += structure\n$/);
    const json = await runCli(['status', '--details', '--json', '--grpc-address', server.address]);
    expect(JSON.parse(json.stdout)).toMatchObject({
      chain_id: 4101,
      genesis_hash: '0xab',
      genesis: 'computed',
      verification: 'structure',
    });
  });

  it.each([
    { terminal: { colours: false, progress: false }, clears: 0 },
    { terminal: { colours: true, progress: true }, clears: 2 },
  ])('shows it anew after each change, clearing the screen $clears times', async ({ terminal, clears }) => {
    const interruption = new AbortController();
    let number = 317n;
    server = await OperatorServer.start({
      getStatus: () => ({ ...recorded, current: { number: ++number, hash: '0xab' } }),
      async *subscribe(_, { signal }) {
        yield { added: [{ number: 319n, hash: '0xab' }] };
        await new Promise((resolve) => signal.addEventListener('abort', resolve));
      },
    });
    const run = await runCli(['status', '--watch', '--grpc-address', server.address], {
      terminal,
      signal: interruption.signal,
      onStdout: (stdout) => {
        if (stdout.includes('= 319')) interruption.abort();
      },
    });
    expect(run).toMatchObject({ stderr: '', exitCode: 0 });
    expect(run.stdout.match(/\(base 10\) = \d+/g)).toEqual(['(base 10) = 318', '(base 10) = 319']);
    expect(run.stdout.split('\u001b[2J')).toHaveLength(clears + 1);
  });

  it('asks the node that the environment names', async () => {
    server = await OperatorServer.start({ getStatus: () => recorded });
    const run = await runCli(['status'], { env: { EDGEKEEPER_GRPC_ADDRESS: server.address } });
    expect(run.exitCode).toBe(0);
  });

  it('prints whole numbers of 64 bits as they are', async () => {
    server = await OperatorServer.start({ getStatus: () => ({ network: 2n ** 63n - 1n }) });
    const run = await runCli(['status', '--grpc-address', server.address, '--json']);
    expect(run.stdout).toContain('"chain_id":9223372036854775807,"current_block_number":0,');
  });

  it.each([
    { fixture: 'status-refused.txt', flags: [] },
    { fixture: 'status-refused.json.txt', flags: ['--json'] },
  ])('says what $fixture says of a node that is not there', async ({ fixture, flags }) => {
    const address = await closedAddress();
    const run = await runCli(['status', '--grpc-address', address, ...flags]);
    expect(run.stderr.replaceAll(address, '127.0.0.1:1')).toBe(cliFixture(fixture).stderr);
    expect(run).toMatchObject({ stdout: '', exitCode: 1 });
  });

  it('shows the status and text of a failed call', async () => {
    server = await OperatorServer.start({
      getStatus: () => {
        throw new ConnectError('no dial addresses found', Code.FailedPrecondition);
      },
    });
    const run = await runCli(['status', '--grpc-address', server.address]);
    expect(run.stderr).toBe('rpc error: code = FailedPrecondition desc = no dial addresses found\n');
    expect(withoutStatus(run.stderr)).toBe('rpc error: code = … desc = no dial addresses found\n');
    expect(run.exitCode).toBe(1);
  });

  it('leaves no connection open', async () => {
    const operator = await OperatorServer.start({ getStatus: () => recorded });
    server = operator;
    await runCli(['status', '--grpc-address', operator.address]);
    await eventually(() => operator.openSessions === 0);
  });

  it('gives up on a node that takes the connection and says nothing', async () => {
    const clock = new ManualClock();
    const sockets: Socket[] = [];
    const silent = createServer((socket) => sockets.push(socket));
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    const { port } = silent.address() as AddressInfo;
    const running = runCli(['status', '--grpc-address', `127.0.0.1:${port}`], { clock });
    await eventually(() => sockets.length === 1);
    let run: CliRun | undefined;
    void running.then((ended) => {
      run = ended;
    });
    await eventually(() => {
      clock.advance(10_000);
      return run !== undefined;
    });
    expect(run?.stderr).toMatch(/^rpc error: code = (DeadlineExceeded|Unavailable) desc = /);
    expect(run?.exitCode).toBe(1);
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => silent.close(resolve));
  });

  it('refuses an address that is none', async () => {
    const run = await runCli(['status', '--grpc-address', '127.0.0.1']);
    expect(run.stderr).toBe(
      "--grpc-address: failed to parse addr '127.0.0.1': address 127.0.0.1: missing port in address\n",
    );
    expect(run.exitCode).toBe(1);
  });
});

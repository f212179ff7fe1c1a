import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type EndedProgram, freePort, killPrograms, runProgram } from '../support/built-program.js';
import { runCli } from '../support/cli.js';
import { testPeerId } from '../support/peer-ids.js';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'edgekeeper-in-use-'));
});
afterEach(() => {
  killPrograms();
  rmSync(folder, { recursive: true, force: true });
});

interface RunningNode {
  readonly operator: string;
  kill(): Promise<EndedProgram>;
}

async function nodeArgs(): Promise<string[]> {
  const libp2p = `127.0.0.1:${await freePort()}`;
  return ['dev', '--data-dir', folder, '--libp2p', libp2p, '--grpc-address', '127.0.0.1:0'];
}

/** A node as a process of its own, on ports of its own. */
async function runNode(): Promise<RunningNode> {
  const args = await nodeArgs();
  return new Promise((resolve, reject) => {
    const ended = runProgram(args, (output, child) => {
      const operator = /Operator API {3}= (\S+)/.exec(output)?.[1];
      const kill = () => {
        child.kill('SIGKILL');
        return ended;
      };
      if (operator !== undefined) resolve({ operator, kill });
    });
    void ended.then(({ stderr }) => reject(new Error(`the node ended: ${stderr}`)), reject);
  });
}

async function peers(node: RunningNode, ...args: string[]): Promise<string> {
  const { stdout, stderr } = await runCli(['peers', ...args, '--json', '--grpc-address', node.operator]);
  expect(stderr).toBe('');
  return stdout;
}

describe('a data folder in use', () => {
  it('is refused to a second node, and what the first remembers of peers outlives that and a kill', async () => {
    const [ada, bob] = [testPeerId(1), testPeerId(2)];
    const first = await runNode();
    await peers(first, 'ban', '--target', ada, '--reason', 'before');

    const second = await runProgram(await nodeArgs());
    expect(second.code).toBe(1);
    expect(second.stderr).toContain('in use by another node');

    await peers(first, 'ban', '--target', bob, '--reason', 'after');
    await first.kill();
    const again = await runNode();
    const bans = await peers(again, 'bans');
    expect(bans).toContain(ada);
    expect(bans).toContain(bob);
    await again.kill();
  });
});

import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { commandsOf } from '../support/doc-pages.js';
import { servedChain } from '../support/served-chain.js';

const run = promisify(execFile);

/** docs/clients/http.md is run as it stands, with another port. */
describe('curl', () => {
  const served = servedChain();
  const curl = async (command: string) => {
    const words = command.match(/'[^']*'|\S+/g)?.map((word) => word.replaceAll("'", '')) ?? [];
    const args = words.slice(1).map((word) => word.replace('127.0.0.1:9632', served.address));
    const { stdout } = await run('curl', args);
    return JSON.parse(stdout);
  };
  const commands = commandsOf('docs/clients/http.md', 'curl');

  it.each(commands)('%s', async (command) => {
    const answer = await curl(command);
    expect(answer).not.toHaveProperty('code');
    expect(Object.keys(answer).length).toBeGreaterThan(0);
  });

  it('reads why a call failed', async () => {
    const [, command = ''] = commands;
    expect(await curl(command.replace('"1"', '"999999"'))).toMatchObject({
      code: 'not_found',
      message: 'block #999999 not found',
      details: [{ type: 'google.rpc.ErrorInfo' }],
    });
  });
});

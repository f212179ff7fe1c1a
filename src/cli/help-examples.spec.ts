import { describe, expect, it } from '@jest/globals';
import { runCli } from '../../test/support/cli.js';
import { COMMANDS, type CommandSpec } from './command-table.js';
import { HELP_EXAMPLES } from './help-examples.js';

const all = (
  specs: readonly CommandSpec[],
  above: readonly string[] = [],
): { words: string; spec: CommandSpec }[] =>
  specs.flatMap((spec) => {
    const words = [...above, spec.name];
    return [{ words: words.join(' '), spec }, ...all(spec.commands ?? [], words)];
  });

describe('examples of --help', () => {
  const commands = all(COMMANDS);

  it('stand for every command, and for no other', () => {
    expect(Object.keys(HELP_EXAMPLES).sort()).toEqual(commands.map(({ words }) => words).sort());
  });

  it.each(commands.map(({ words }) => words))('are shown: %s', async (words) => {
    const { stdout } = await runCli([...words.split(' '), '--help']);
    for (const example of HELP_EXAMPLES[words] ?? []) expect(stdout).toContain(`\n  edgekeeper ${example}\n`);
  });

  it('name only flags that there are', async () => {
    for (const examples of Object.values(HELP_EXAMPLES)) {
      for (const example of examples) {
        const words = example.split(' ');
        const path = words.slice(0, words.findIndex((word) => !/^[a-z][a-z-]*$/.test(word)) >>> 0);
        const { stdout } = await runCli([...path, '--help']);
        for (const flag of words.filter((word) => word.startsWith('--')))
          expect(stdout).toContain(`${flag} `);
      }
    }
  });
});

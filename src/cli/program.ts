import { Command, CommanderError } from 'commander';
import { SystemClock } from '../common/clock.js';
import { SystemRandom } from '../common/random.js';
import { type CliIo, ProcessIo } from './cli-io.js';
import { type CommandContext, printFailure, printResult, usageError } from './command-context.js';
import { COMMANDS, type CommandSpec } from './command-table.js';
import { givenFlags } from './flags.js';
import { HELP_EXAMPLES } from './help-examples.js';

const NAME = 'edgekeeper';
const JSON_FLAG = '--json';

/** What the program is made of; all but `runNode` is the process's own where it is missing. */
export type ProgramDeps = Pick<CommandContext, 'runNode'> & Partial<CommandContext>;

/**
 * The command line. `parseAsync()` never rejects: a failure is printed as one line and sets the exit code.
 * @see polygon-edge@597a0f3 command/root/root.go
 */
export function buildProgram(deps: ProgramDeps): Command {
  const io = deps.io ?? new ProcessIo();
  const context: CommandContext = { clock: new SystemClock(), random: new SystemRandom(), ...deps, io };
  const program = new Program(io);
  for (const spec of COMMANDS) add(program, spec, context);
  addHelp(program);
  return program;
}

/** Our own, since commander's prints nothing but help for words that lead nowhere. */
function addHelp(program: Command): void {
  program
    .command('help [command...]')
    .description('display help for command')
    .action((words: readonly string[]) => commandAt(program, words).outputHelp());
}

function commandAt(program: Command, words: readonly string[]): Command {
  return words.reduce((command, word) => {
    const next = command.commands.find((each) => each.name() === word);
    if (next === undefined) throw unknownCommand(word, command);
    return next;
  }, program);
}

function add(
  parent: Command,
  { name, help, words, options, load, commands }: CommandSpec,
  context: CommandContext,
): void {
  const command = parent.command(name).description(help);
  command.addHelpText('after', () => examplesOf(command));
  if (words !== undefined) command.argument(words);
  for (const option of options) command.addOption(option);
  for (const spec of commands ?? []) add(command, spec, context);
  command.allowExcessArguments().action(async () => {
    if (words === undefined) refuseArguments(command);
    if (load === undefined) return command.outputHelp();
    const work = await load();
    const given = givenFlags(command);
    const result = await work(context, given, command.args);
    if (result) printResult(context.io, given.json !== undefined, result);
  });
}

function examplesOf(command: Command): string {
  const [, ...words] = fullName(command).split(' ');
  const examples = HELP_EXAMPLES[words.join(' ')] ?? [];
  return examples.length === 0
    ? ''
    : `\nExamples:\n${examples.map((example) => `  ${NAME} ${example}`).join('\n')}`;
}

/** For commands that take none: what is there was meant as a subcommand. */
function refuseArguments(command: Command): void {
  const [word] = command.args;
  if (word !== undefined) throw unknownCommand(word, command);
}

function unknownCommand(word: string, command: Command): Error {
  return usageError(`unknown command "${word}" for "${fullName(command)}"`);
}

function fullName(command: Command): string {
  return command.parent === null ? command.name() : `${fullName(command.parent)} ${command.name()}`;
}

class Program extends Command {
  constructor(private readonly io: CliIo) {
    super(NAME);
    this.description('A node for Polygon Edge networks')
      .option(JSON_FLAG, 'get all outputs in json format')
      .configureHelp({ showGlobalOptions: true })
      // What is wrong with a call is said once, by printFailure.
      .configureOutput({ writeOut: (text) => io.stdout(text), outputError: () => undefined })
      .exitOverride()
      .helpCommand(false)
      .allowExcessArguments()
      .action(() => {
        refuseArguments(this);
        this.outputHelp();
      });
  }

  /** Also prints failures, as a rejection would end the process with a stack trace. */
  override async parseAsync(argv: readonly string[] = process.argv): Promise<this> {
    // To Go the flag counts when it is there, whatever its value.
    const words = argv.map((word) => (word.startsWith(`${JSON_FLAG}=`) ? JSON_FLAG : word));
    try {
      await super.parseAsync(words);
    } catch (error) {
      const isHelp = error instanceof CommanderError && error.exitCode === 0;
      if (!isHelp) printFailure(this.io, words.includes(JSON_FLAG), inGoWords(error));
    }
    return this;
  }
}

/** What is wrong with the call, as the Go client's flag parser says it. */
function inGoWords(error: unknown): unknown {
  if (!(error instanceof CommanderError)) return error;
  const quoted = /'([^']*)'/.exec(error.message)?.[1] ?? '';
  switch (error.code) {
    case 'commander.unknownOption':
      return usageError(`unknown flag: ${quoted}`);
    case 'commander.optionMissingArgument':
      return usageError(`flag needs an argument: ${quoted.split(' ')[0]}`);
    default:
      return usageError(error.message.replace(/^error: /, ''));
  }
}

import { errorText } from '../../common/app-error.js';
import { jsonMembers } from '../../common/json-text.js';
import { osErrorText } from '../../common/os-error.js';
import { replaceFile } from '../../config/replace-file.js';
import type { EngineConfig } from '../../modules/blockchain/index.js';
import { parseChainText, readChainText } from '../../node/read-chain-file.js';
import { usageError } from '../command-context.js';
import { escapeAsGo } from '../output.js';

/** What a genesis file says of an IBFT chain, to the letter. */
type IbftFileConfig = Readonly<Record<string, unknown>>;

/** The same, understood. */
export type IbftEngine = Extract<EngineConfig, { name: 'ibft' }>;

/** Where the configuration stands, and whether Go takes the name in any case there. */
const PATH = [
  { name: 'params', anyCase: true },
  { name: 'engine', anyCase: true },
  { name: 'ibft', anyCase: false },
] as const;

/**
 * Puts another configuration of IBFT into a genesis file. All else in it stays to the letter; a file that `server`
 * would refuse is neither taken nor written.
 * @param missing what to say of a chain that has no IBFT
 * @throws {CommanderError} when the file cannot be read, understood or written; it is then as it was
 * @remarks Differs: Go removes the file, and writes it anew with all fields that it knows, and only those.
 */
export async function editIbft(
  path: string,
  missing: string,
  edit: (file: IbftFileConfig, engine: IbftEngine) => IbftFileConfig,
): Promise<void> {
  const failed = (error: unknown) =>
    usageError(`failed to load chain config from ${path}: ${errorText(error)}`);
  const text = await readChainText(path).catch((error: unknown) => {
    throw failed(error);
  });
  const { engine } = understood(text, failed);
  if (engine.name !== 'ibft') throw usageError(missing);
  const { from, to } = understand(() => ibftIn(text), failed);
  const before = text.slice(from, to);
  const after = laidOutAs(before, edit(JSON.parse(before) as IbftFileConfig, engine));
  const content = text.slice(0, from) + after + text.slice(to);
  understood(content, (error) => usageError(errorText(error)));
  await replaceFile(path, content).catch((error: unknown) => {
    throw new Error(`failed to write genesis: open ${path}: ${osErrorText(error)}`, { cause: error });
  });
}

function understood(text: string, failed: (error: unknown) => Error) {
  return understand(() => parseChainText(text), failed);
}

function understand<T>(read: () => T, failed: (error: unknown) => Error): T {
  try {
    return read();
  } catch (error) {
    throw failed(error);
  }
}

/** Where `params.engine.ibft` stands in the text. */
function ibftIn(text: string): { from: number; to: number } {
  let place = { from: text.indexOf('{'), to: text.length };
  for (const { name, anyCase } of PATH) {
    const isIt = (other: string) => (anyCase ? other.toLowerCase() === name : other === name);
    const [found, another] = jsonMembers(text, place.from).filter((member) => isIt(member.name));
    if (found === undefined || another !== undefined) throw new Error(`"${name}" must be there once`);
    place = found;
  }
  return place;
}

/** As JSON with the indentation of what stood there. */
function laidOutAs(before: string, value: unknown): string {
  const [, inner] = /^\{\r?\n([ \t]*)/.exec(before) ?? [];
  const [, outer] = /\n([ \t]*)\}$/.exec(before) ?? [];
  const isIndented = inner !== undefined && outer !== undefined && inner.startsWith(outer);
  if (!isIndented) return escapeAsGo(JSON.stringify(value));
  const unit = inner.slice(outer.length);
  return escapeAsGo(JSON.stringify(value, null, unit)).replaceAll('\n', `\n${outer}`);
}

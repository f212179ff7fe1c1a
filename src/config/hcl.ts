/**
 * The part of HCL that a node's config file needs: `key = value` and `name { … }` or `name = { … }`, where a value is a
 * string, a number, a boolean or a list of those; and comments. Anything else is refused.
 */
const TOKEN =
  /[ \t\r\n]+|#[^\n]*|\/\/[^\n]*|\/\*[\s\S]*?\*\/|("(?:[^"\\\n]|\\.)*")|(-?\d+(?:\.\d+)?(?![\w.]))|([A-Za-z_][\w-]*)|([={}[\],])/y;

const MAX_DEPTH = 8;

type Token = {
  readonly kind: 'string' | 'number' | 'word' | 'mark' | 'end';
  readonly text: string;
  readonly line: number;
};

/** @throws {SyntaxError} naming the line */
export function parseHcl(source: string): Record<string, unknown> {
  const tokens = tokensOf(source);
  let at = 0;
  const peek = (): Token => tokens[at] ?? { kind: 'end', text: 'the end', line: 0 };
  const next = (): Token => {
    const token = peek();
    at++;
    return token;
  };
  const unexpected = ({ text, line }: Token) => new SyntaxError(`line ${line}: unexpected ${text}`);
  const skip = (mark: string): boolean => {
    if (peek().kind !== 'mark' || peek().text !== mark) return false;
    at++;
    return true;
  };

  const body = (end: 'end' | '}', depth: number): Record<string, unknown> => {
    if (depth > MAX_DEPTH) throw new SyntaxError(`line ${peek().line}: nested too deeply`);
    const found = new Map<string, unknown>();
    for (;;) {
      const token = next();
      if (end === 'end' ? token.kind === 'end' : token.text === '}' && token.kind === 'mark') break;
      if (token.kind !== 'word' && token.kind !== 'string') throw unexpected(token);
      const name = token.kind === 'string' ? String(JSON.parse(token.text)) : token.text;
      if (found.has(name)) throw new SyntaxError(`line ${token.line}: ${name} is there twice`);
      const assigned = skip('=');
      if (!assigned && peek().text !== '{') throw unexpected(peek());
      found.set(name, value(depth));
      skip(',');
    }
    return Object.fromEntries(found);
  };

  const value = (depth: number): unknown => {
    if (depth > MAX_DEPTH) throw new SyntaxError(`line ${peek().line}: nested too deeply`);
    const token = next();
    if (token.kind === 'string') return JSON.parse(token.text);
    if (token.kind === 'number') return Number(token.text);
    if (token.kind === 'word' && (token.text === 'true' || token.text === 'false'))
      return token.text === 'true';
    if (token.kind === 'mark' && token.text === '{') return body('}', depth + 1);
    if (token.kind !== 'mark' || token.text !== '[') throw unexpected(token);
    const items: unknown[] = [];
    while (!skip(']')) {
      items.push(value(depth + 1));
      if (!skip(',') && peek().text !== ']') throw unexpected(peek());
    }
    return items;
  };

  return body('end', 0);
}

function tokensOf(source: string): Token[] {
  const tokens: Token[] = [];
  let line = 1;
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < source.length) {
    const from = TOKEN.lastIndex;
    const match = TOKEN.exec(source);
    if (!match)
      throw new SyntaxError(`line ${line}: unexpected ${JSON.stringify(source.slice(from, from + 10))}`);
    const [text, string, number, word, mark] = match;
    if (string) tokens.push({ kind: 'string', text: string, line });
    else if (number) tokens.push({ kind: 'number', text: number, line });
    else if (word) tokens.push({ kind: 'word', text: word, line });
    else if (mark) tokens.push({ kind: 'mark', text: mark, line });
    line += text.split('\n').length - 1;
  }
  tokens.push({ kind: 'end', text: 'the end', line });
  return tokens;
}

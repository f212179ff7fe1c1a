/** A member of an object in a JSON text, and where its value stands. */
export interface JsonMember {
  readonly name: string;
  /** First character of the value. */
  readonly from: number;
  /** First character behind it. */
  readonly to: number;
}

/**
 * The members of the object that begins at `at`, in the order of the text, repeated names too.
 * @param text JSON that was parsed before: nothing of it is checked here
 */
export function jsonMembers(text: string, at: number): readonly JsonMember[] {
  const members: JsonMember[] = [];
  let depth = 0;
  let name: string | undefined;
  let from = at;
  let end = at;
  while (end < text.length) {
    const character = text[end];
    if (character === '"') {
      const start = end;
      end = stringEnd(text, start);
      if (depth === 1 && name === undefined) name = String(JSON.parse(text.slice(start, end)));
      continue;
    }
    if (depth === 1 && character === ':') from = end + 1;
    if (depth === 1 && (character === ',' || character === '}') && name !== undefined) {
      members.push(trimmed(text, name, from, end));
      name = undefined;
    }
    if (character === '{' || character === '[') depth++;
    if (character === '}' || character === ']') depth--;
    if (depth === 0) return members;
    end++;
  }
  return members;
}

/** Of the string that begins at `at`; no regular expression, as one needs memory for each character. */
function stringEnd(text: string, at: number): number {
  let end = at + 1;
  while (end < text.length && text[end] !== '"') end += text[end] === '\\' ? 2 : 1;
  return end + 1;
}

function trimmed(text: string, name: string, from: number, to: number): JsonMember {
  const value = text.slice(from, to);
  const first = from + value.length - value.trimStart().length;
  return { name, from: first, to: first + value.trim().length };
}

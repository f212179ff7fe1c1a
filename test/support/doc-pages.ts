import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';

export const root = resolve(import.meta.dirname, '../..');

/** The code blocks of one language in a page, whose path is from the root. */
export function codeBlocks(page: string, language: string): string[] {
  const text = readFileSync(resolve(root, page), 'utf8');
  return [...text.matchAll(new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\``, 'gms'))].map(
    ([, code = '']) => code,
  );
}

/** The lines of a page's shell blocks that begin with a program's name. */
export function commandsOf(page: string, program: string): string[] {
  return codeBlocks(page, 'sh')
    .flatMap((block) => block.split('\n'))
    .filter((line) => line.startsWith(`${program} `));
}

// npm run gen: makes src/gen from proto. With --diff: fails when src/gen is not what proto gives.
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { at, need, run, say } from './prepare.mjs';

const GENERATED = 'src/gen';

if (process.argv.includes('--diff')) {
  const folder = mkdtempSync(join(tmpdir(), 'edgekeeper-gen-'));
  try {
    generate(folder);
    process.exitCode = compare(filesIn(join(folder, GENERATED)), filesIn(at(GENERATED)));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
} else {
  rmSync(at(GENERATED), { recursive: true, force: true });
  generate(at());
}

function generate(output) {
  // The plugin is looked for on the path.
  const path = [at('node_modules/.bin'), process.env.PATH].join(delimiter);
  need(
    run(at('node_modules/.bin/buf'), ['generate', '--output', output], {
      env: { ...process.env, PATH: path },
    }),
  );
}

function filesIn(folder) {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  );
  return new Map(
    files.map(({ parentPath, name }) => {
      const path = join(parentPath, name);
      return [path.slice(folder.length + 1), readFileSync(path, 'utf8')];
    }),
  );
}

function compare(wanted, found) {
  const names = [...new Set([...wanted.keys(), ...found.keys()])].filter(
    (name) => wanted.get(name) !== found.get(name),
  );
  for (const name of names) say(`${join(GENERATED, name)} is not what proto gives: run npm run gen`);
  return names.length === 0 ? 0 : 1;
}

// Makes `edgekeeper/testing`: the contract suites and fakes in one file beside the built node, which it imports, and their types.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { build } from 'esbuild';
import ts from 'typescript';
import { at } from './prepare.mjs';

const ENTRY = 'test/contract/index.ts';
/** In the bundle, as it is developed with. */
const BUNDLED = ['fast-check', 'pure-rand'];

/** The classes must be those of the node itself, not copies: the built files stand one folder above. */
const nodeBeside = {
  name: 'node-beside',
  setup({ onResolve }) {
    onResolve({ filter: /^\.{1,2}\// }, ({ path, resolveDir }) => {
      const inSrc = relative(at('src'), join(resolveDir, path));
      return inSrc.startsWith('..')
        ? undefined
        : { path: `../${inSrc.split(sep).join('/')}`, external: true };
    });
    onResolve({ filter: /^@jest\/globals$/ }, () => ({ path: at('test/support/test-runner.ts') }));
  },
};

/** @param {string} folder Where to, beside the built node; made if need be. */
export async function bundleTesting(folder) {
  mkdirSync(folder, { recursive: true });
  const { metafile } = await build({
    entryPoints: [at(ENTRY)],
    outfile: join(folder, 'index.js'),
    bundle: true,
    metafile: true,
    format: 'esm',
    platform: 'node',
    target: 'es2022',
    external: ['rxjs'],
    absWorkingDir: at('.'),
    legalComments: 'none',
    banner: { js: '// Contains fast-check and pure-rand: see LICENSES.txt.' },
    plugins: [nodeBeside],
  });
  const licences = BUNDLED.map(
    (name) => `${name}\n\n${readFileSync(at('node_modules', name, 'LICENSE'), 'utf8')}`,
  );
  writeFileSync(join(folder, 'LICENSES.txt'), licences.join('\n'));
  const sources = Object.keys(metafile.inputs).filter((path) => path.startsWith('test/'));
  for (const source of sources) declare(source, join(folder, source.slice('test/'.length)));
  writeFileSync(join(folder, 'index.d.ts'), "export * from './contract/index.js';\n");
}

/** The types of one file by itself: what it exports must say its types. */
function declare(source, target) {
  const { outputText, diagnostics = [] } = ts.transpileDeclaration(readFileSync(at(source), 'utf8'), {
    fileName: source,
    reportDiagnostics: true,
    compilerOptions: { isolatedDeclarations: true },
  });
  for (const { messageText } of diagnostics)
    throw new Error(`${source}: ${ts.flattenDiagnosticMessageText(messageText, ' ')}`);
  mkdirSync(dirname(target), { recursive: true });
  writeFileSync(target.replace(/\.ts$/, '.d.ts'), outputText.replaceAll("'../../src/", "'../../"));
}

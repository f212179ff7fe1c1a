// Makes `edgekeeper/verifier`: one file without anything of Node, and its types. `node scripts/bundle-verifier.mjs FOLDER`.
import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import ts from 'typescript';
import { at, say } from './prepare.mjs';

const NATIVE = at('src/modules/blockchain/crypto');
const PORTABLE = at('src/verifier/crypto');
/** Of the native modules, those that stand in the bundle in another form. */
const REPLACED = ['keccak', 'secp256k1', 'bls12-381', 'bn254'];
const BUNDLED = ['@noble/curves', '@noble/hashes', 'zod'];

const portableCrypto = {
  name: 'portable-crypto',
  setup({ onResolve }) {
    const filter = new RegExp(`/(${REPLACED.join('|')})\\.js$`);
    onResolve({ filter }, ({ path, resolveDir }) => {
      const file = join(resolveDir, path);
      if (dirname(file) !== NATIVE) return undefined;
      return { path: join(PORTABLE, `${basename(file, '.js')}.ts`) };
    });
  },
};

/** @param {string} folder Where to; made if need be. */
export async function bundleVerifier(folder) {
  mkdirSync(folder, { recursive: true });
  const outfile = join(folder, 'index.js');
  await build({
    entryPoints: [at('src/verifier/index.ts')],
    outfile,
    bundle: true,
    minify: true,
    format: 'esm',
    // Whatever is of Node cannot be resolved here, and fails the build.
    platform: 'browser',
    target: 'es2022',
    legalComments: 'none',
    banner: { js: '// Contains @noble/curves, @noble/hashes and zod: see LICENSES.txt.' },
    plugins: [portableCrypto],
  });
  writeFileSync(join(folder, 'LICENSES.txt'), BUNDLED.map(licenceOf).join('\n'));
  declare(at('src/modules/blockchain/proofs/proof.types.ts'), join(folder, 'proof.types.d.ts'));
  declare(at('src/verifier/index.ts'), join(folder, 'index.d.ts'));
  return statSync(outfile).size;
}

/** The types of a file by itself; what it takes from the node is in proof.types. */
function declare(source, target) {
  const { outputText } = ts.transpileDeclaration(readFileSync(source, 'utf8'), { fileName: source });
  const types = outputText
    .replace("import './no-eval.js';\n", '')
    .replaceAll('../modules/blockchain/portable.js', './proof.types.js');
  writeFileSync(target, types);
}

function licenceOf(name) {
  return `${name}\n\n${readFileSync(at('node_modules', name, 'LICENSE'), 'utf8')}`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [folder = at('dist/verifier')] = process.argv.slice(2);
  say(`verifier: ${(await bundleVerifier(folder)) / 1_000} kB`);
}

// `npm run crash -- [kills|ready|damage…] [--kills 200] [--cases 100] [--seed 1] [--store lmdb|level]`: compiles the
// programs of this folder with what they need of the node, then runs them. Installs nothing: packages must be there.
import process from 'node:process';
import { at, checkNode, need, root, run } from '../../scripts/prepare.mjs';

process.chdir(root);
checkNode();
need(run(process.execPath, [at('node_modules/typescript/bin/tsc'), '-p', 'test/crash/tsconfig.json']));
const { main } = await import(new URL('../../.cache/crash/test/crash/main.js', import.meta.url));
process.exit(await main(process.argv.slice(2)));

// `npm run attack -- [name…] [--json] [--scale 1] [--warm-up 30]`: builds the node and the attacks, then runs them.
import process from 'node:process';
import { at, ensureBuilt, ensureInstalled, need, root, run } from '../../scripts/prepare.mjs';

process.chdir(root);
ensureInstalled();
ensureBuilt();
need(run(process.execPath, [at('node_modules/typescript/bin/tsc'), '-p', 'test/attack/tsconfig.json']));
const { main } = await import(new URL('../../.cache/attack/test/attack/main.js', import.meta.url));
process.exit(await main(process.argv.slice(2)));

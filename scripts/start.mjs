// npm start: makes and runs a chain of your own. Arguments after `--` go to `edgekeeper dev`.
import { pathToFileURL } from 'node:url';
import { at, ensureBuilt, ensureInstalled } from './prepare.mjs';

ensureInstalled();
ensureBuilt();

// In this process, so that signals and the exit code are the node's own.
process.argv = [process.execPath, at('dist/main.js'), 'dev', ...process.argv.slice(2)];
await import(pathToFileURL(at('dist/main.js')).href);

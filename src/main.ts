#!/usr/bin/env node
import './polyfill.js';
import { ProcessIo } from './cli/cli-io.js';

const io = new ProcessIo();
// A signal that comes while the program is still loading ends a node as well as any later one.
const command = process.argv.slice(2).find((word) => !word.startsWith('-'));
if (command === 'server' || command === 'dev') io.interruption();

const { buildProgram } = await import('./cli/program.js');
const program = buildProgram({
  io,
  runNode: async (loaded, deps) => {
    // Loaded here, because no other command needs Nest and libp2p.
    const { runNode } = await import('./node/run-node.js');
    return runNode(loaded, deps);
  },
});

await program.parseAsync();

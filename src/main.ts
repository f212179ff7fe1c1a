#!/usr/bin/env node
import './polyfill.js';
import { ProcessIo } from './cli/cli-io.js';
import { buildProgram } from './cli/program.js';
import { SystemClock } from './common/clock.js';
import { SystemRandom } from './common/random.js';

const io = new ProcessIo();
const clock = new SystemClock();
const random = new SystemRandom();

const program = buildProgram({
  io,
  clock,
  random,
  runNode: async (loaded) => {
    // Loaded here, because no other command needs Nest and libp2p.
    const { runNode } = await import('./node/run-node.js');
    return runNode(loaded, { clock, random, signal: io.interruption() });
  },
});

await program.parseAsync();

/** Runs all comparisons in a worker thread, and posts what they found. */
import { parentPort } from 'node:worker_threads';
import { comparisons } from './compare.js';

parentPort?.postMessage(await Promise.all(Object.values(comparisons).map((compare) => compare(8, 3))));

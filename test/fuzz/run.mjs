// npm run fuzz -- [--target rlp] [--inputs 1000000] [--seed 1]: inputs that the seed fixes, made from recorded blocks.
// npm run fuzz -- --target rlp --input c180: one input again. Ends with 1 when a target failed.
import process from 'node:process';
import { parseArgs } from 'node:util';
import { failureOf, fuzz, TARGETS } from './fuzz.js';

const { values } = parseArgs({
  options: {
    target: { type: 'string' },
    inputs: { type: 'string', default: '1000000' },
    seed: { type: 'string', default: '1' },
    input: { type: 'string' },
  },
});
const names = values.target === undefined ? Object.keys(TARGETS) : [values.target];
for (const name of names) {
  const target = TARGETS[name];
  if (target === undefined)
    throw new Error(`no target ${name}; there are ${Object.keys(TARGETS).join(', ')}`);
  await runTarget(name, target);
}

async function runTarget(name, { run, seeds }) {
  if (values.input !== undefined) {
    const input = new Uint8Array(Buffer.from(values.input, 'hex'));
    const error = await failureOf(run, input);
    console.log(`${name}: ${error === undefined ? 'as it should be' : 'fails'}`);
    if (error !== undefined) report(name, input, error);
    return;
  }
  const options = { inputs: Number(values.inputs), seed: Number(values.seed) };
  const { inputs, inputsPerSecond, failures } = await fuzz({ run, seeds }, options);
  const rate = Math.round(inputsPerSecond).toLocaleString('en');
  console.log(`${name.padEnd(18)} ${inputs} inputs, ${rate}/s, ${failures.length} failures`);
  for (const { input, error } of failures) report(name, input, (await failureOf(run, input)) ?? error);
}

function report(name, input, error) {
  process.exitCode = 1;
  console.log(error);
  console.log(`npm run fuzz -- --target ${name} --input ${Buffer.from(input).toString('hex')}`);
}

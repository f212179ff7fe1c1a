/**
 * Holds our cryptography against another implementation: `npm run oracle -- [--cases 10000] [--seed 1] [--only BN254]`.
 * Prints what they disagree on; the exit code is 1 when they do.
 */
import { parseArgs } from 'node:util';
import { comparisons } from './compare.js';

const { values } = parseArgs({
  options: {
    cases: { type: 'string', default: '10000' },
    seed: { type: 'string', default: '1' },
    only: { type: 'string' },
  },
});

for (const [name, compare] of Object.entries(comparisons)) {
  if (values.only !== undefined && values.only !== name) continue;
  const { cases, accepted, disagreements } = await compare(Number(values.cases), Number(values.seed));
  for (const disagreement of disagreements) console.log(disagreement);
  console.log(
    `${name}, seed ${values.seed}: ${cases} cases, ${accepted} accepted, ${disagreements.length} disagreements`,
  );
  if (disagreements.length > 0) process.exitCode = 1;
}

// Verifies each proof of cases.json and shows what came of it.
import { createVerifier } from './verifier/index.js';

const cases = await (await fetch('cases.json')).json();
const results = document.getElementById('results');

for (const { name, options, kind, proof } of cases) {
  const start = performance.now();
  const { result, proved } = await outcome(options, kind, proof);
  const row = results.insertRow();
  for (const text of [name, result, proved, Math.round(performance.now() - start)])
    row.insertCell().textContent = text;
}
document.body.dataset.done = 'yes';

async function outcome(options, kind, proof) {
  try {
    const verifier = await createVerifier(options);
    if (kind === 'header') {
      const { number, hash, proved } = verifier.verifyHeaderProof(proof);
      return { result: `${number} ${hash}`, proved };
    }
    const { header, hash, from, value } = verifier.verifyTransactionProof(proof);
    return { result: `${header.number} ${hash}`, proved: `${from} sent ${value} wei: ${header.proved}` };
  } catch (error) {
    return { result: error.code, proved: error.message };
  }
}

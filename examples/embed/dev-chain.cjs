const { randomBytes } = require('node:crypto');
const { mkdtempSync } = require('node:fs');
const { tmpdir } = require('node:os');
const { join } = require('node:path');
const { ibftGenesisFile, sealKey } = require('edgekeeper');

/** Options of a node that seals a new chain all by itself, a block each second, on free ports. */
exports.devChain = (chainId) => {
  const key = new Uint8Array(randomBytes(32));
  return {
    chain: ibftGenesisFile({
      name: `dev-${chainId}`,
      chainId,
      validators: [sealKey(key)],
      bootnodes: [],
      blockTimeMs: 1_000,
      epochSize: 100_000,
      gasLimit: 5_242_880n,
      premine: [],
    }),
    keys: { network: new Uint8Array(randomBytes(32)), validators: [{ key }] },
    dataDir: mkdtempSync(join(tmpdir(), 'edgekeeper-example-')),
    settings: {
      network: { listenPort: 0, discovery: false },
      system: { grpcPort: 0 },
      telemetry: { logLevel: 'warn' },
    },
  };
};

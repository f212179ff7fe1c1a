import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openBlockStore } from '@example/audited-store';
import { blockStoreContracts, SilentLogger } from 'edgekeeper/testing';

const folder = mkdtempSync(join(tmpdir(), 'audited-store-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

// The suite that the stores of the node itself pass.
blockStoreContracts(
  'AuditedBlockStore',
  () => {
    const path = mkdtempSync(join(folder, 'store-'));
    return () => openBlockStore({ path, log: new SilentLogger() });
  },
  { isDurable: false },
);

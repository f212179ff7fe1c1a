import { AppError, errorText } from '../../../../common/app-error.js';
import { BlockchainError } from '../../blockchain.errors.js';
import type { BlockStore, OpenBlockStore, StoreSetup } from '../../ports/block-store.port.js';

const METHODS: Readonly<Record<keyof BlockStore, true>> = {
  head: true,
  tail: true,
  append: true,
  startAt: true,
  rewind: true,
  replace: true,
  stateAt: true,
  putStates: true,
  hashByNumber: true,
  numberByHash: true,
  totalDifficultyAt: true,
  rawHeader: true,
  rawBlock: true,
  rawBlocks: true,
  removedBlock: true,
  keepAside: true,
  prune: true,
  bodyBytes: true,
  close: true,
};

/** Gives what a package exports. */
export type LoadPackage = (name: string) => Promise<unknown>;

/**
 * Opens a store that a package brings: an {@link OpenBlockStore} exported as `openBlockStore`. It is looked for as any
 * package that this one imports.
 * @throws {BlockchainError} BLOCKCHAIN.STORE_UNUSABLE when there is none, or what it opens is no store;
 * BLOCKCHAIN.STORE_FAILED when it does not open; what it fails with by itself if that has a code
 */
export async function openPackageBlockStore(
  name: string,
  setup: StoreSetup,
  load: LoadPackage = (specifier) => import(specifier),
): Promise<BlockStore> {
  const unusable = (reason: string, cause?: unknown) =>
    new BlockchainError({ code: 'BLOCKCHAIN.STORE_UNUSABLE', package: name, reason }, cause);
  const exported = await load(name).catch((cause: unknown) => {
    throw unusable(`cannot be loaded: ${errorText(cause)}`, cause);
  });
  const open = openFunctionOf(exported);
  if (open === undefined) throw unusable('exports no function openBlockStore');
  const store: unknown = await openWith(open, setup);
  const missing = Object.keys(METHODS).filter((method) => !hasMethod(store, method));
  if (missing.length > 0) throw unusable(`opens a store without ${missing.join(', ')}`);
  return store as BlockStore;
}

async function openWith(open: OpenBlockStore, setup: StoreSetup): Promise<unknown> {
  try {
    return await open(setup);
  } catch (cause) {
    if (cause instanceof AppError) throw cause;
    throw new BlockchainError({ code: 'BLOCKCHAIN.STORE_FAILED', reason: errorText(cause) }, cause);
  }
}

/** CommonJS whose exports Node cannot tell beforehand has them all in `default`. */
function openFunctionOf(exported: unknown): OpenBlockStore | undefined {
  for (const place of [exported, propertyOf(exported, 'default')]) {
    const open = propertyOf(place, 'openBlockStore');
    if (typeof open === 'function') return open as OpenBlockStore;
  }
  return undefined;
}

function hasMethod(store: unknown, name: string): boolean {
  return typeof propertyOf(store, name) === 'function';
}

function propertyOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}

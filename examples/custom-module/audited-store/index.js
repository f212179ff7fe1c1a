import { appendFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { InMemoryBlockStore } from 'edgekeeper';

/** Keeps blocks in memory and writes down every change of the chain; a real one would keep them in a database. */
class AuditedBlockStore extends InMemoryBlockStore {
  #note;

  constructor(note) {
    super();
    this.#note = note;
  }

  async append(blocks) {
    await super.append(blocks);
    this.#note(`append ${blocks.map(({ number }) => number).join(' ')}`);
  }

  async replace(blocks) {
    const removed = await super.replace(blocks);
    this.#note(`replace ${removed.map(({ number }) => number).join(' ')}`);
    return removed;
  }

  async rewind(number) {
    const removed = await super.rewind(number);
    this.#note(`rewind ${number}`);
    return removed;
  }
}

/** What `blockchain.store` looks for in a package: opens the store of one node. */
export async function openBlockStore({ path, log }) {
  mkdirSync(path, { recursive: true });
  const file = join(path, 'changes.log');
  log.info('changes are written down', { file });
  return new AuditedBlockStore((change) => appendFileSync(file, `${change}\n`));
}

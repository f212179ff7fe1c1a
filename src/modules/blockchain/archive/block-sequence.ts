import { BlockchainError } from '../blockchain.errors.js';
import { RlpReader, readRlp } from '../rlp/rlp.js';

/** Header items before the height. */
const ITEMS_BEFORE_NUMBER = 8;

/** The height that block RLP states; nothing else of it is looked at. @throws {RlpError} */
function blockNumberOf(raw: Uint8Array): number {
  const header = new RlpReader(raw).readList().readList();
  for (let item = 0; item < ITEMS_BEFORE_NUMBER; item++) header.readRaw();
  return header.readSafeUint();
}

/** Follows the heights of blocks that are to be consecutive. */
export class BlockSequence {
  #next: number | undefined;
  #last: number | undefined;

  /** @param next Height of the first block, when it is known. */
  constructor(next?: number) {
    this.#next = next;
  }

  /** Height of the last block that was taken. */
  get last(): number | undefined {
    return this.#last;
  }

  /**
   * Takes the next block and gives its height.
   * @throws {BlockchainError} BLOCKCHAIN.BAD_SEQUENCE when another one is due, BLOCKCHAIN.UNDECODABLE
   */
  take(raw: Uint8Array): number {
    const due = this.#next;
    const number = readRlp(
      () => blockNumberOf(raw),
      ({ message: reason }) =>
        new BlockchainError({
          code: 'BLOCKCHAIN.UNDECODABLE',
          ...(due === undefined ? {} : { number: due }),
          reason,
        }),
    );
    if (due !== undefined && number !== due) {
      throw new BlockchainError({ code: 'BLOCKCHAIN.BAD_SEQUENCE', number, expected: due });
    }
    this.#last = number;
    this.#next = number + 1;
    return number;
  }
}

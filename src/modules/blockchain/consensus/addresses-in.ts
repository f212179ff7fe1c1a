import { toHex } from '../../../common/bytes.js';
import type { Validator } from '../ports/consensus.port.js';

/** The addresses at these positions of a set. */
export function addressesIn(set: readonly Validator[] = [], positions: readonly number[]): string[] {
  return positions.flatMap((position) => {
    const address = set[position]?.address;
    return address === undefined ? [] : [toHex(address)];
  });
}

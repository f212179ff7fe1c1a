import type { Validator } from '../ports/consensus.port.js';
import { encodeBytes, encodeList } from '../rlp/rlp.js';

/** A validator of an IBFT chain as bytes: its address, or RLP of address and key. @see polygon-edge@597a0f3 validators/bls.go Bytes */
export function encodeValidator({ address, blsKey }: Validator): Uint8Array {
  return blsKey === undefined ? address : encodeList([encodeBytes(address), encodeBytes(blsKey)]);
}

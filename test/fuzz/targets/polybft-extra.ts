import { concatBytes } from '../../../src/common/bytes.js';
import {
  decodePolybftExtra,
  POLYBFT_VANITY_BYTES,
} from '../../../src/modules/blockchain/consensus/polybft/extra.js';
import { encodeList } from '../../../src/modules/blockchain/rlp/rlp.js';
import { recordedHeaders } from '../seeds.js';
import { accepted, expectSame, type FuzzTarget, type Target } from '../target.js';

const run: Target = (bytes) => {
  const decoded = accepted(() => decodePolybftExtra(bytes, 9));
  if (decoded === undefined) return;
  const { validators, parent, committed, checkpoint } = decoded;
  const items = encodeList([validators, parent, committed, checkpoint]);
  expectSame(concatBytes([bytes.subarray(0, POLYBFT_VANITY_BYTES), items]), bytes);
};

export const polybftExtra: FuzzTarget = {
  run,
  seeds: recordedHeaders('polybft').map(({ extraData }) => extraData),
};

import { decodeHeader, encodeHeader } from '../../../src/modules/blockchain/codec/header.codec.js';
import { recordedHeaders } from '../seeds.js';
import { accepted, expectSame, type FuzzTarget, type Target } from '../target.js';

const run: Target = (bytes) => {
  const decoded = accepted(() => decodeHeader(bytes));
  if (decoded !== undefined) expectSame(encodeHeader(decoded), bytes);
};

export const header: FuzzTarget = { run, seeds: recordedHeaders().map(encodeHeader) };

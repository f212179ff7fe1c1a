import type { Attack } from '../attack.js';
import { blockBombs } from './block-bombs.js';
import { compressedBombs } from './compressed-bombs.js';
import { controlFloods } from './control-floods.js';
import { eclipse } from './eclipse.js';
import { forgedAuthors } from './forged-authors.js';
import { halfOpen } from './half-open.js';
import { identifyFlood } from './identify-flood.js';
import { liars } from './liars.js';
import { manyStreams } from './many-streams.js';
import { oneByteData } from './one-byte-data.js';
import { pruneBackoff } from './prune-backoff.js';
import { rapidReset } from './rapid-reset.js';
import { rsaKey } from './rsa-key.js';
import { slowReaders } from './slow-readers.js';
import { subscriptionFlood } from './subscription-flood.js';
import { yamuxAbuse } from './yamux-abuse.js';

export const ATTACKS: readonly Attack[] = [
  subscriptionFlood,
  forgedAuthors,
  controlFloods,
  pruneBackoff,
  identifyFlood,
  rsaKey,
  manyStreams,
  yamuxAbuse,
  rapidReset,
  oneByteData,
  compressedBombs,
  halfOpen,
  eclipse,
  liars,
  slowReaders,
  blockBombs,
];

import { BODY_MUTATIONS, SEQUENCE_MUTATIONS } from './body-mutations.js';
import { ENCODING_MUTATIONS } from './encoding-mutations.js';
import type { Fault } from './fault.js';
import { HEADER_MUTATIONS } from './header-mutations.js';
import { IBFT_EXTRA_MUTATIONS } from './ibft-extra-mutations.js';
import { IBFT_FAULTS } from './ibft-faults.js';
import { IBFT_SEAL_MUTATIONS } from './ibft-seal-mutations.js';
import type { Mutation } from './mutation.js';
import { POLYBFT_FAULTS } from './polybft-faults.js';
import { POLYBFT_MUTATIONS } from './polybft-mutations.js';

export { type Fault, verdictOnBuilt } from './fault.js';
export { withTurnedVote } from './ibft-faults.js';
export { type Kind, type Mutation, type Refusal, Target } from './mutation.js';

/** What a peer can do to honest blocks without a key of a validator. */
export const MUTATIONS: readonly Mutation[] = [
  ...HEADER_MUTATIONS,
  ...ENCODING_MUTATIONS,
  ...BODY_MUTATIONS,
  ...SEQUENCE_MUTATIONS,
  ...IBFT_SEAL_MUTATIONS,
  ...IBFT_EXTRA_MUTATIONS,
  ...POLYBFT_MUTATIONS,
];

/** What validators can do with their keys. */
export const FAULTS: readonly Fault[] = [
  ...IBFT_FAULTS.map((fault) => ({ ...fault, name: `IBFT: ${fault.name}` })),
  ...POLYBFT_FAULTS.map((fault) => ({ ...fault, name: `PolyBFT: ${fault.name}` })),
];

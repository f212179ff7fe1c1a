import { describe, expect, it } from '@jest/globals';
import { toHex } from '../../../src/common/bytes.js';
import { decodeBlock } from '../../../src/modules/blockchain/codec/block.codec.js';
import { decodeIbftExtra } from '../../../src/modules/blockchain/consensus/ibft/extra.js';
import { proposerInTurn } from '../../../src/modules/blockchain/consensus/ibft/proposer-turn.js';
import { applyBlock, type VotedSet, voteIn } from '../../../src/modules/blockchain/consensus/ibft/votes.js';
import { sealHeader } from '../../../src/modules/blockchain/consensus/ibft/write-seals.js';
import { parseGenesis } from '../../../src/modules/blockchain/genesis/parse-genesis.js';
import { readBackup } from '../fixtures.js';
import { readGenesisText } from '../genesis-texts.js';
import { recoverProposer } from '../ibft-signers.js';
import { testKeys } from './keys.js';
import { PoaModel } from './poa-model.js';

const [anyKey] = testKeys(1);
const isBls = { 'ibft-ecdsa': false, 'ibft-bls': true, 'ibft-poa-rounds': false, 'ibft-pos': true };
const isPos = (network: string) => network === 'ibft-pos';

describe.each(['ibft-ecdsa', 'ibft-bls', 'ibft-poa-rounds', 'ibft-pos'] as const)(
  'the network %s',
  (network) => {
    const bls = isBls[network];
    const kinds = { bls, parentBls: bls };
    const { engine } = parseGenesis(readGenesisText(network));
    const blocks = readBackup(network).blocks.map((raw) => {
      const { header } = decodeBlock(raw);
      return { header, extra: decodeIbftExtra(header.extraData, { ...kinds, number: header.number }) };
    });

    it('has the hashes and proposers that the builder would write', () => {
      if (anyKey === undefined) throw new Error('no key');
      let last: Uint8Array | undefined;
      for (const [number, { header, extra }] of blocks.entries()) {
        const { hash } = sealHeader({ header, extra, kinds, round: extra.round }, anyKey, []);
        const next = blocks[number + 1];
        if (next !== undefined) expect(toHex(next.header.parentHash)).toBe(toHex(hash));
        if (number === 0) continue;
        const proposer = proposerInTurn(extra.validators, last, Number(extra.round));
        expect(proposer && toHex(proposer.address)).toBe(
          toHex(recoverProposer(extra, hash) ?? new Uint8Array()),
        );
        last = proposer?.address;
      }
    });

    it('changes its set as the votes and the model say', () => {
      if (engine.name !== 'ibft' || anyKey === undefined) throw new Error('not IBFT');
      const name = (address: Uint8Array, key?: Uint8Array) =>
        key === undefined ? toHex(address) : `${toHex(address)}:${toHex(key)}`;
      let state: VotedSet = { set: blocks[0]?.extra.validators ?? [], votes: [] };
      const names = () => state.set.map(({ address, blsPublicKey }) => name(address, blsPublicKey));
      const model = new PoaModel(engine.epochSize, names());
      let changes = 0;
      for (const { header, extra } of blocks.slice(1)) {
        expect(state.set).toEqual(extra.validators);
        const { number } = header;
        const { hash } = sealHeader({ header, extra, kinds, round: extra.round }, anyKey, []);
        const proposer = recoverProposer(extra, hash) ?? new Uint8Array();
        const cast = isPos(network) ? undefined : voteIn(header, bls ? 'bls' : 'ecdsa');
        const next = applyBlock(state, { number, proposer, ...cast }, engine.epochSize);
        if (next.set !== state.set) changes++;
        state = next;
        const candidate = cast && {
          candidate: name(cast.candidate.address, cast.candidate.blsPublicKey),
          authorize: cast.authorize,
        };
        model.apply(number, toHex(proposer), candidate);
        expect(model.set).toEqual(names());
      }
      expect(changes).toBe({ 'ibft-ecdsa': 2, 'ibft-bls': 2, 'ibft-poa-rounds': 1, 'ibft-pos': 0 }[network]);
    });
  },
);

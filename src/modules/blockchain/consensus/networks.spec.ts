import { beforeAll, describe, expect, it } from '@jest/globals';
import {
  hasFixture,
  NETWORKS,
  type Network,
  readBackup,
  readFixtureText,
  readJsonl,
} from '../../../../test/support/fixtures.js';
import { itemAt as at, VerifiedChain } from '../../../../test/support/verified-chain.js';
import { toHex } from '../../../common/bytes.js';
import { encodeBlock, rawHeaderOf } from '../codec/block.codec.js';
import { decodeHeader, encodeHeader } from '../codec/header.codec.js';
import { decodeTransaction, transactionHash, transactionsRoot } from '../codec/transaction.codec.js';
import { recoverSender } from '../codec/transaction-sender.js';
import { genesisHeader, matchesGenesis } from '../genesis/genesis-header.js';
import type { EngineState } from '../ports/consensus.port.js';
import type { Block } from '../ports/types.js';
import { decodeIbftExtra } from './ibft/extra.js';
import { IbftSchedule } from './ibft/ibft-schedule.js';
import { checkpointOf, decodePolybftExtra } from './polybft/extra.js';
import { decodePolybftState } from './polybft/polybft-state.js';
import { validatorsHash } from './polybft/validator-set.js';

interface Receipt {
  transactionHash: string;
  blockNumber: string;
  transactionIndex: string;
  from: string;
}

interface RecordedBlock {
  hash: string;
  number: string;
  transactionsRoot: string;
}

const HEADS: Partial<Record<Network, string>> = {
  'ibft-ecdsa': '0x3a2cb21ac04afc9b0b1cdd798aa0444b87868c1e25f14d4b3021590ebf25ca13',
  'ibft-bls': '0x01971728b09c9431d513e24325d64075304a5e33590e1fcb26006fda6b288dce',
};

/** First heights of new sets, and how many validators each has; fixtures/README.md tells why. */
const CHANGES: Record<Network, Record<number, number>> = {
  'ibft-ecdsa': { 1: 4, 35: 5, 70: 4 },
  'ibft-bls': { 1: 4, 120: 5, 165: 4 },
  'ibft-poa-rounds': { 1: 4, 515: 5 },
  'ibft-pos': { 1: 4 },
  'ibft-switch': { 1: 4, 44: 4, 69: 5 },
  'ibft-pos-change': { 1: 4, 20: 5, 40: 4, 60: 5, 70: 4 },
  polybft: { 1: 5, 51: 4, 61: 4 },
};

/** How many sets of a network only execution could prove: PoS, where they change. */
const TRUSTING: ReadonlyMap<Network, number> = new Map([['ibft-pos-change', 4]]);

/** Receipts as recorded: one JSON document or a line each. */
function receiptsOf(network: Network): Receipt[] {
  if (hasFixture(`${network}/receipts.jsonl`)) return readJsonl<Receipt>(`${network}/receipts.jsonl`);
  return hasFixture(`${network}/receipts-block32.json`)
    ? (JSON.parse(readFixtureText(`${network}/receipts-block32.json`)) as Receipt[])
    : [];
}

const nameOf = (validators: EngineState['sealedBy']) =>
  JSON.stringify(validators.map(({ address, blsKey, votingPower }) => [address, blsKey, `${votingPower}`]));

describe.each(NETWORKS)('the recorded network %s', (network) => {
  const { metadata } = readBackup(network);
  let chain: VerifiedChain;
  const rules = ({ header }: Block) => ({
    hashWithType: chain.config.forks.isActive('txHashWithType', header.number),
  });

  beforeAll(async () => {
    chain = await VerifiedChain.recorded(network);
  });

  it('decodes and encodes to the same bytes', () => {
    chain.blocks.forEach((block, number) => {
      const raw = chain.rawAt(number);
      expect(Buffer.compare(encodeBlock(block), raw)).toBe(0);
      expect(Buffer.compare(encodeHeader(decodeHeader(rawHeaderOf(raw))), rawHeaderOf(raw))).toBe(0);
    });
    expect(chain.blocks.length).toBe(metadata.latest + 1);
  });

  it('verifies strictly, in chunks, but for sets that only execution could prove', () => {
    const isStrict = !TRUSTING.has(network);
    const size = 10;
    let trusted = 0;
    for (let parent = 0; parent < chain.height; parent += size) {
      const blocks = chain.raws.slice(parent + 1, parent + 1 + size);
      const { failure, tip, anomalies } = chain.verdictOn(parent, blocks, { isStrict });
      expect([failure, tip.number]).toEqual([undefined, parent + blocks.length]);
      expect(anomalies.every(({ rule }) => rule === 'ibft.trusted-epoch')).toBe(true);
      trusted += anomalies.length;
      expect(Buffer.compare(tip.state.encoded, chain.stateAt(tip.number).encoded)).toBe(0);
    }
    expect(trusted).toBe(TRUSTING.get(network) ?? 0);
  });

  it('has the hashes that the Go client gave', () => {
    if (hasFixture(`${network}/blocks.jsonl`)) {
      for (const recorded of readJsonl<RecordedBlock>(`${network}/blocks.jsonl`)) {
        const number = Number(recorded.number);
        expect(toHex(chain.hashAt(number))).toBe(recorded.hash);
        const block = chain.blockAt(number);
        expect(toHex(transactionsRoot(block.transactions, rules(block)))).toBe(recorded.transactionsRoot);
      }
    }
    // Where blocks were recorded the archive's own hash is a plain one, which the Go client gets wrong.
    expect(toHex(chain.hashAt(metadata.latest))).toBe(
      HEADS[network] ??
        (hasFixture(`${network}/blocks.jsonl`)
          ? readJsonl<RecordedBlock>(`${network}/blocks.jsonl`).at(-1)?.hash
          : toHex(metadata.latestHash)),
    );
  });

  it('begins with the genesis block of its file', () => {
    const { header } = chain.blockAt(0);
    const genesis = genesisHeader(chain.config);
    expect(genesis?.trust).toBe(chain.config.genesis.stateRoot === undefined ? 'computed' : 'trusted root');
    expect(genesis && toHex(chain.consensus.headerHash(genesis.header))).toBe(toHex(chain.hashAt(0)));
    expect(matchesGenesis(chain.config, header)).toEqual([]);
  });

  it('has the transaction hashes and senders that the Go client gave', () => {
    for (const receipt of receiptsOf(network)) {
      const block = chain.blockAt(Number(receipt.blockNumber));
      const transaction = at(block.transactions, Number(receipt.transactionIndex));
      expect(toHex(transactionHash(transaction, rules(block)))).toBe(receipt.transactionHash);
      const sender = recoverSender(decodeTransaction(transaction), chain.config.chainId);
      expect(sender && toHex(sender)).toBe(receipt.from.toLowerCase());
    }
  });

  it('changes its set where the record says, and nowhere else', () => {
    const changes: Record<number, number> = {};
    for (let number = 1; number <= chain.height; number++) {
      const { sealedBy } = chain.stateAt(number);
      if (number === 1 || nameOf(sealedBy) !== nameOf(chain.stateAt(number - 1).sealedBy))
        changes[number] = sealedBy.length;
    }
    expect(changes).toEqual(CHANGES[network]);
  });

  it('has the sets that honest proposers wrote', () => {
    const { engine } = chain.config;
    const kindsAt = (number: number) =>
      engine.name === 'ibft' ? new IbftSchedule(engine).sealKinds(number) : { bls: false, parentBls: false };
    for (const { header } of chain.blocks.slice(1)) {
      const { number, extraData } = header;
      const state = chain.stateAt(number - 1);
      if (engine.name === 'polybft') {
        const checkpoint = checkpointOf(decodePolybftExtra(extraData, number));
        const after = decodePolybftState(chain.stateAt(number).encoded);
        expect(checkpoint).toMatchObject({
          currentValidatorsHash: validatorsHash(decodePolybftState(state.encoded).set),
          nextValidatorsHash: validatorsHash(after.set),
        });
      } else {
        const { validators } = decodeIbftExtra(extraData, { ...kindsAt(number), number });
        expect(chain.stateAt(number).sealedBy).toEqual(
          validators.map(({ address, blsPublicKey }) =>
            blsPublicKey ? { address, blsKey: blsPublicKey } : { address },
          ),
        );
      }
    }
  });
});

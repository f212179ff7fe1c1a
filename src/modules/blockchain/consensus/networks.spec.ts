import { describe, expect, it } from '@jest/globals';
import {
  hasFixture,
  NETWORKS,
  type Network,
  readBackup,
  readFixtureText,
  readJsonl,
} from '../../../../test/support/fixtures.js';
import { readGenesisText } from '../../../../test/support/genesis-texts.js';
import { toHex } from '../../../common/bytes.js';
import { decodeBlock, encodeBlock, rawHeaderOf } from '../codec/block.codec.js';
import { decodeHeader, encodeHeader } from '../codec/header.codec.js';
import { decodeTransaction, transactionHash } from '../codec/transaction.codec.js';
import { recoverSender } from '../codec/transaction-sender.js';
import { genesisHeader, matchesGenesis } from '../genesis/genesis-header.js';
import { parseGenesis } from '../genesis/parse-genesis.js';
import type { Block } from '../ports/types.js';
import { createConsensus } from './create-consensus.js';
import { decodeIbftExtra } from './ibft/extra.js';
import { recoverCommittedSigners } from './ibft/seals.js';
import { verifyStructure } from './verify-structure.js';

interface Receipt {
  transactionHash: string;
  blockNumber: string;
  transactionIndex: string;
  from: string;
}

interface RecordedBlock {
  hash: string;
  number: string;
  miner: string;
}

const HEADS: Partial<Record<Network, string>> = {
  'ibft-ecdsa': '0x3a2cb21ac04afc9b0b1cdd798aa0444b87868c1e25f14d4b3021590ebf25ca13',
  'ibft-bls': '0x01971728b09c9431d513e24325d64075304a5e33590e1fcb26006fda6b288dce',
};

function load(network: Network) {
  const config = parseGenesis(readGenesisText(network));
  const consensus = createConsensus(config);
  const { blocks: raws, metadata } = readBackup(network);
  const blocks = raws.map((raw) => decodeBlock(raw));
  const hashes = blocks.map(({ header }) => consensus.headerHash(header));
  return { config, consensus, raws, blocks, hashes, metadata };
}

/** Receipts as recorded: one JSON document or a line each. */
function receiptsOf(network: Network): Receipt[] {
  if (hasFixture(`${network}/receipts.jsonl`)) return readJsonl<Receipt>(`${network}/receipts.jsonl`);
  return hasFixture(`${network}/receipts-block32.json`)
    ? (JSON.parse(readFixtureText(`${network}/receipts-block32.json`)) as Receipt[])
    : [];
}

function at<T>(items: readonly T[], index: number): T {
  const item = items[index];
  if (item === undefined) throw new Error(`no item ${index}`);
  return item;
}

describe.each(NETWORKS)('the recorded network %s', (network) => {
  const { config, consensus, raws, blocks, hashes, metadata } = load(network);
  const rules = ({ header }: Block) => ({
    hashWithType: config.forks.isActive('txHashWithType', header.number),
  });

  it('decodes and encodes to the same bytes', () => {
    blocks.forEach((block, number) => {
      const raw = at(raws, number);
      expect(Buffer.compare(encodeBlock(block), raw)).toBe(0);
      expect(Buffer.compare(encodeHeader(decodeHeader(rawHeaderOf(raw))), rawHeaderOf(raw))).toBe(0);
    });
    expect(blocks.length).toBe(metadata.latest + 1);
  });

  it('is a chain by our header hashes, and every block passes verification', () => {
    for (let number = 1; number < blocks.length; number++) {
      const block = at(blocks, number);
      const { header: parent } = at(blocks, number - 1);
      verifyStructure(block, parent, at(hashes, number - 1), rules(block));
      consensus.verifyHeader(block.header, at(hashes, number), parent);
    }
  });

  it('has the hashes that the Go client gave', () => {
    if (hasFixture(`${network}/blocks.jsonl`)) {
      for (const recorded of readJsonl<RecordedBlock>(`${network}/blocks.jsonl`)) {
        expect(toHex(at(hashes, Number(recorded.number)))).toBe(recorded.hash);
      }
    }
    // Where blocks were recorded the archive's own hash is a plain one, which the Go client gets wrong.
    expect(toHex(at(hashes, metadata.latest))).toBe(
      HEADS[network] ??
        (hasFixture(`${network}/blocks.jsonl`)
          ? readJsonl<RecordedBlock>(`${network}/blocks.jsonl`).at(-1)?.hash
          : toHex(metadata.latestHash)),
    );
  });

  it('begins with the genesis block of its file', () => {
    const { header } = at(blocks, 0);
    const genesis = genesisHeader(config);
    expect(genesis?.trust).toBe(hasFixture(`${network}/genesis.json`) ? 'computed' : 'trusted root');
    expect(genesis && toHex(consensus.headerHash(genesis.header))).toBe(toHex(at(hashes, 0)));
    expect(matchesGenesis(config, header)).toEqual([]);
  });

  it('has the transaction hashes and senders that the Go client gave', () => {
    for (const receipt of receiptsOf(network)) {
      const block = at(blocks, Number(receipt.blockNumber));
      const transaction = at(block.transactions, Number(receipt.transactionIndex));
      expect(toHex(transactionHash(transaction, rules(block)))).toBe(receipt.transactionHash);
      const sender = recoverSender(decodeTransaction(transaction), config.chainId);
      expect(sender && toHex(sender)).toBe(receipt.from.toLowerCase());
    }
  });
});

describe('committed seals of ECDSA validators', () => {
  it.each(['ibft-ecdsa', 'ibft-poa-rounds'] as const)('%s: every signer is of the claimed set', (network) => {
    const { blocks, hashes } = load(network);
    const rounds = new Set<bigint | undefined>();
    blocks.slice(1).forEach(({ header }, index) => {
      const extra = decodeIbftExtra(header.extraData, {
        number: header.number,
        bls: false,
        parentBls: false,
      });
      const members = extra.validators.map(({ address }) => toHex(address));
      const signers = recoverCommittedSigners(extra, at(hashes, index + 1));
      const quorum = Math.ceil((members.length * 2) / 3);
      expect(new Set(signers).size).toBeGreaterThanOrEqual(quorum);
      for (const signer of signers) expect(members).toContain(signer && toHex(signer));
      rounds.add(extra.round);
    });
    expect(rounds).toEqual(new Set([0n, 1n]));
  });
});

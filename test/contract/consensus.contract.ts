import { beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { toHex } from '../../src/common/bytes.js';
import { BlockchainError } from '../../src/modules/blockchain/blockchain.errors.js';
import type { Consensus, Examined, HashedHeader } from '../../src/modules/blockchain/ports/consensus.port.js';
import type { Rule } from '../../src/modules/blockchain/ports/rules.js';
import type { Header } from '../../src/modules/blockchain/ports/types.js';
import type { BuiltChain } from '../support/chain-builder/index.js';
import { verdictOnBuilt } from '../support/mutations/index.js';
import { itemAt, VerifiedChain } from '../support/verified-chain.js';

export interface ConsensusUnderTest {
  /** Some good blocks, with whatever changes the engine's state. */
  readonly build: () => BuiltChain | Promise<BuiltChain>;
  /** Of engines that have rules. */
  readonly faults?: {
    /** Breaks a rule for which no state is needed. */
    readonly header: Partial<Header>;
    readonly rule: Rule;
    /** A chain whose newest block breaks a rule for which the state is needed. */
    readonly build: () => BuiltChain | Promise<BuiltChain>;
    readonly judgedBy: Rule;
  };
}

const LATE_MS = 10 ** 15;

/** What every Consensus does. */
export function consensusContract(name: string, { build, faults }: ConsensusUnderTest): void {
  describe(`${name} as a Consensus`, () => {
    let built: BuiltChain;
    let chain: VerifiedChain;
    let consensus: Consensus;
    /** Of blocks 1 on. */
    let headers: readonly HashedHeader[];
    let genesis: HashedHeader;
    let all: readonly Examined[];

    beforeAll(async () => {
      built = await build();
      chain = await VerifiedChain.built(name, built);
      consensus = chain.consensus;
      const hashed = chain.blocks.map(({ header }, at) => ({ header, hash: chain.hashAt(at) }));
      genesis = itemAt(hashed, 0);
      headers = hashed.slice(1);
      all = consensus.examine(headers, genesis, chain.stateAt(0).encoded);
    });

    const evidenceOf = (examined: Examined | undefined): unknown => {
      if (examined === undefined || 'refusal' in examined) throw new Error('no evidence');
      return examined.evidence;
    };
    const judge = (evidence: unknown, number: number, state = chain.stateAt(number - 1)) =>
      consensus.judge(evidence, state, LATE_MS);

    it('gives the hashes that blocks have', () => {
      expect(chain.hashes.map(toHex)).toEqual(built.hashes.map(toHex));
    });

    it('gives evidence that survives a structured clone', () => {
      for (const [at, examined] of all.entries()) {
        const [plain, cloned] = [evidenceOf(examined), structuredClone(evidenceOf(examined))].map(
          (evidence) => judge(evidence, at + 1),
        );
        expect(cloned?.anomalies).toEqual(plain?.anomalies);
        expect(cloned && toHex(cloned.state.encoded)).toBe(toHex(chain.stateAt(at + 1).encoded));
      }
    });

    it('gives the same evidence for chunks of every size, with states that are foreseen', () => {
      for (const size of [1, 2, 3, 5]) {
        const chunks: Examined[] = [];
        let state = chain.stateAt(0);
        for (let at = 0; at < headers.length; at += size) {
          const some = headers.slice(at, at + size);
          chunks.push(...consensus.examine(some, headers[at - 1] ?? genesis, state.encoded));
          state = consensus.foresee(state, () => some.map(({ header }) => header));
        }
        for (const [at, examined] of chunks.entries()) {
          const { state: after, anomalies } = judge(evidenceOf(examined), at + 1);
          expect([toHex(after.encoded), anomalies]).toEqual([toHex(chain.stateAt(at + 1).encoded), []]);
        }
        expect(chunks).toHaveLength(all.length);
      }
    });

    it('gives the same evidence for one header as for many, where the state is known', () => {
      for (const [at, header] of headers.entries()) {
        const [one] = consensus.examine([header], headers[at - 1] ?? genesis, chain.stateAt(at).encoded);
        const again = judge(evidenceOf(one), at + 1);
        expect(toHex(again.state.encoded)).toBe(toHex(chain.stateAt(at + 1).encoded));
      }
    });

    it('leaves the same state where a block changes nothing', () => {
      for (let number = 1; number <= chain.height; number++) {
        const [before, after] = [chain.stateAt(number - 1), chain.stateAt(number)];
        expect(after === before).toBe(toHex(after.encoded) === toHex(before.encoded));
      }
    });

    it('reads the states that it wrote', () => {
      for (const [number, state] of chain.states.entries()) {
        const read = consensus.decodeState(state.encoded);
        expect(toHex(read.encoded)).toBe(toHex(state.encoded));
        expect(read.validators).toEqual(state.validators);
        expect(read.trustedSets).toBe(state.trustedSets);
        if (number === chain.height) continue;
        const { state: after } = judge(evidenceOf(all[number]), number + 1, read);
        expect(toHex(after.encoded)).toBe(toHex(chain.stateAt(number + 1).encoded));
        expect(after === read).toBe(toHex(after.encoded) === toHex(read.encoded));
      }
    });

    it('knows the state after a checkpoint, or says that it does not', () => {
      for (const [number, { header }] of chain.blocks.entries()) {
        const state = consensus.stateAfterCheckpoint(header);
        expect(consensus.tellsState(number)).toBe(state !== undefined);
        if (state !== undefined) expect(toHex(state.encoded)).toBe(toHex(chain.stateAt(number).encoded));
      }
    });

    it('has nothing to confirm where no vote is in doubt', () => {
      for (const state of chain.states) {
        expect(toHex(consensus.confirmVotes(state).encoded)).toBe(toHex(state.encoded));
      }
    });

    it('throws nothing over headers of any kind, and says nothing after a refusal', () => {
      const change = fc.record(
        {
          extraData: fc.oneof(
            fc.uint8Array({ maxLength: 80 }),
            fc.tuple(fc.nat(), fc.nat(255), fc.nat(headers.length - 1)).map(([index, byte, at]) => {
              const { extraData } = itemAt(headers, at).header;
              return extraData.length === 0 ? extraData : extraData.with(index % extraData.length, byte);
            }),
          ),
          miner: fc.uint8Array({ maxLength: 90 }),
          nonce: fc.uint8Array({ minLength: 8, maxLength: 8 }),
          mixHash: fc.uint8Array({ minLength: 32, maxLength: 32 }),
          difficulty: fc.bigInt(0n, 2n ** 64n - 1n),
          timestamp: fc.bigInt(0n, 2n ** 64n - 1n),
          baseFee: fc.bigInt(0n, 2n ** 64n - 1n),
        },
        { requiredKeys: [] },
      );
      fc.assert(
        fc.property(change, fc.nat(headers.length - 1), (changes, at) => {
          const bad = headers.map((each, index) =>
            index === at ? { ...each, header: { ...each.header, ...changes } } : each,
          );
          const examined = consensus.examine(bad, genesis, chain.stateAt(0).encoded);
          const refused = examined.findIndex((each) => 'refusal' in each);
          expect(examined).toHaveLength(refused < 0 ? headers.length : refused + 1);
          expect(refused < 0 || refused >= at).toBe(true);
          for (const [index, each] of examined.slice(0, at).entries()) judge(evidenceOf(each), index + 1);
          foreseeAny(bad);
        }),
        { numRuns: 40 },
      );
    });

    /** Headers that nobody has verified may be no headers of this engine, which is all that it may say. */
    function foreseeAny(some: readonly HashedHeader[]): void {
      try {
        consensus.foresee(chain.stateAt(0), () => some.map(({ header }) => header));
      } catch (error) {
        expect(error).toBeInstanceOf(BlockchainError);
        expect(error).toMatchObject({ code: 'BLOCKCHAIN.BAD_EXTRA' });
      }
    }

    it('names who sealed a block, all of its set, and nobody for genesis', () => {
      expect(consensus.seals(genesis, undefined)).toBeUndefined();
      for (const [at, header] of headers.entries()) {
        const set = chain.stateAt(at + 1).sealedBy;
        const addresses = set.map(({ address }) => toHex(address));
        const seals = consensus.seals(header, set);
        expect(seals === undefined).toBe(faults === undefined);
        if (seals === undefined) continue;
        expect(addresses).toEqual(expect.arrayContaining([...seals.committed]));
        expect(seals.committed.length).toBeGreaterThan(0);
        const unknown = consensus.seals(header, undefined);
        expect(unknown?.committed).toEqual(seals.bitmap === undefined ? seals.committed : []);
      }
    });

    if (faults === undefined) {
      it('has no rules', () => {
        expect(all).toEqual(headers.map(() => ({ evidence: undefined })));
        expect(chain.stateAt(0).validators).toEqual([]);
      });
      return;
    }

    it('ends its answer with the first header that breaks a rule, and names it', () => {
      const at = headers.length - 2;
      const bad = headers.map((each, index) =>
        index < at ? each : { ...each, header: { ...each.header, ...faults.header } },
      );
      const examined = consensus.examine(bad, genesis, chain.stateAt(0).encoded);
      expect(examined).toHaveLength(at + 1);
      expect(examined.at(-1)).toMatchObject({ refusal: { number: at + 1, rule: faults.rule } });
      for (const [index, each] of examined.slice(0, at).entries()) judge(evidenceOf(each), index + 1);
    });

    it('refuses by the rule that evidence breaks, with the number of the block', async () => {
      const bad = await faults.build();
      const { failure, tip } = await verdictOnBuilt(bad);
      expect(failure?.detail).toMatchObject({ rule: faults.judgedBy, number: bad.height });
      expect(tip.number).toBe(bad.height - 1);
    });
  });
}

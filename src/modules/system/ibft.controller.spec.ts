import { describe, expect, it } from '@jest/globals';
import { hashOf } from '../../../test/support/system-under-test.js';
import type { CandidateVote, ValidatorSnapshot, Voting } from '../blockchain/index.js';
import { IbftController } from './ibft.controller.js';

const address = Uint8Array.from(Buffer.from('5aaeb6053f3e94c9b9a09f33669435e7ef1beaed', 'hex'));
const SHOWN = '0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed';
const blsKey = new Uint8Array(48).fill(0xab);

/** Votes that a test can look at. */
class RecordedVoting implements Voting {
  proposed: CandidateVote[] = [];
  asked: (number | undefined)[] = [];
  answer: ValidatorSnapshot = { number: 7, hash: hashOf(7), validators: [], votes: [] };

  validator() {
    return address;
  }
  candidates() {
    return this.proposed;
  }
  async propose(vote: CandidateVote) {
    this.proposed.push(vote);
  }
  async snapshot(number?: number) {
    this.asked.push(number);
    return this.answer;
  }
}

function aController() {
  const voting = new RecordedVoting();
  return { voting, sut: new IbftController(voting) };
}

describe(IbftController.name, () => {
  it('names the validator', () => {
    expect(aController().sut.status()).toEqual({ key: SHOWN });
  });

  it.each([
    { name: 'ECDSA', blsPubkey: new Uint8Array(), validator: { address } },
    { name: 'BLS', blsPubkey: blsKey, validator: { address, blsKey } },
  ])('takes a candidate and shows it, $name', async ({ blsPubkey, validator }) => {
    const { voting, sut } = aController();
    await expect(sut.propose({ address: SHOWN, blsPubkey, auth: true } as never)).resolves.toEqual({});
    expect(voting.proposed).toEqual([{ validator, authorize: true }]);
    expect(sut.candidates()).toEqual({
      candidates: [{ address: SHOWN, auth: true, ...(blsPubkey.length > 0 && { blsPubkey }) }],
    });
  });

  it('asks for the head or a height', async () => {
    const { voting, sut } = aController();
    await sut.getSnapshot({ latest: true, number: 5n } as never);
    await sut.getSnapshot({ latest: false, number: 5n } as never);
    await sut.getSnapshot({ latest: false, number: 2n ** 64n - 1n } as never);
    expect(voting.asked).toEqual([undefined, 5, Number.MAX_SAFE_INTEGER]);
  });

  it('shows validators and votes as the Go client does', async () => {
    const { voting, sut } = aController();
    voting.answer = {
      number: 7,
      hash: hashOf(7),
      validators: [{ address }, { address, blsKey }],
      votes: [
        { voter: address, validator: { address }, authorize: false },
        { voter: address, validator: { address, blsKey }, authorize: true },
      ],
    };
    const data = Uint8Array.of(0xf8, 70, 0x94, ...address, 0xb0, ...blsKey);
    expect(await sut.getSnapshot({ latest: true, number: 0n } as never)).toEqual({
      number: 7n,
      hash: `0x${'07'.repeat(32)}`,
      validators: [
        { type: 'ecdsa', address: SHOWN, data: address },
        { type: 'bls', address: SHOWN, data },
      ],
      votes: [
        { validator: SHOWN, proposed: SHOWN, auth: false },
        { validator: SHOWN, proposed: `${SHOWN}:0x${'ab'.repeat(48)}`, auth: true },
      ],
    });
  });
});

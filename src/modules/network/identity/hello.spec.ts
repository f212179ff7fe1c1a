import { create } from '@bufbuild/protobuf';
import { describe, expect, it } from '@jest/globals';
import { type Status, StatusSchema } from '../../../gen/v1/identity_pb.js';
import { parsePeerId, peerIdBytes, peerIdOf } from '../address/peer-id.js';
import { NetworkError } from '../network.errors.js';
import { helloMethod, judgeHello, type OwnIdentity, statusOf } from './hello.js';

const GENESIS = `0x${'ab'.repeat(32)}`;
const own: OwnIdentity = {
  peerId: parsePeerId('16Uiu2HAm6XocVi7fVj7gB9WUn6euWtRvarz2shhP6jkrf67HfK7b'),
  chainId: 100,
  genesisHash: GENESIS,
};
const them = parsePeerId('16Uiu2HAm2FDkXukPDHpSJtXH14DAwz8RmY2i7wmzS4WPVoVgR4iB');
const CID_OF_THEM = `z${peerIdOf(Uint8Array.from([1, 0x72, ...peerIdBytes(them)]))}`;
const goReply = { chain: 100n, metadata: { peerID: them as string } };

function codeOf(work: () => unknown): string | undefined {
  try {
    work();
    return undefined;
  } catch (error) {
    return error instanceof NetworkError ? error.code : String(error);
  }
}

describe(judgeHello.name, () => {
  const reply = (fields: Partial<Status>) => create(StatusSchema, { ...goReply, ...fields } as Status);

  it.each([
    { name: 'what a Go node answers', fields: {}, weAreTemporary: false, verdict: 'peer' },
    { name: 'no claimed ID', fields: { metadata: {} }, weAreTemporary: false, verdict: 'peer' },
    {
      name: 'an empty claimed ID',
      fields: { metadata: { peerID: '' } },
      weAreTemporary: false,
      verdict: 'peer',
    },
    { name: 'our genesis', fields: { genesis: GENESIS }, weAreTemporary: false, verdict: 'peer' },
    {
      name: 'our genesis in upper case',
      fields: { genesis: GENESIS.toUpperCase().replace('0X', '0x') },
      weAreTemporary: false,
      verdict: 'peer',
    },
    ...[
      'mainnet',
      `0x${'cd'.repeat(31)}`,
      `0x${'cd'.repeat(33)}`,
      'cd'.repeat(32),
      `0x${'zz'.repeat(32)}`,
      ' ',
    ].map((genesis) => ({
      name: `the genesis "${genesis}", which is no hash`,
      fields: { genesis },
      weAreTemporary: false,
      verdict: 'peer',
    })),
    {
      name: 'its own ID in another form',
      fields: { metadata: { peerID: CID_OF_THEM } },
      weAreTemporary: false,
      verdict: 'peer',
    },
    {
      name: 'their temporary dial',
      fields: { temporaryDial: true },
      weAreTemporary: false,
      verdict: 'temporary',
    },
    { name: 'our temporary dial', fields: {}, weAreTemporary: true, verdict: 'temporary' },
    { name: 'both temporary', fields: { temporaryDial: true }, weAreTemporary: true, verdict: 'temporary' },
  ])('takes $name', ({ fields, weAreTemporary, verdict }) => {
    expect(judgeHello(own, them, reply(fields), weAreTemporary)).toBe(verdict);
  });

  it.each([
    { name: 'another chain', fields: { chain: 101n }, code: 'NETWORK.CHAIN_MISMATCH' },
    {
      name: 'a chain that only a float takes for ours',
      fields: { chain: 100n + 2n ** 62n },
      code: 'NETWORK.CHAIN_MISMATCH',
    },
    { name: 'another genesis', fields: { genesis: `0x${'cd'.repeat(32)}` }, code: 'NETWORK.CHAIN_MISMATCH' },
    {
      name: 'another chain on a temporary dial',
      fields: { chain: 1n, temporaryDial: true },
      code: 'NETWORK.CHAIN_MISMATCH',
    },
    { name: 'a claimed ID', fields: { metadata: { peerID: own.peerId } }, code: 'NETWORK.CLAIMED_PEER_ID' },
    {
      name: 'a claimed ID that is none',
      fields: { metadata: { peerID: 'x'.repeat(4_000) } },
      code: 'NETWORK.CLAIMED_PEER_ID',
    },
  ])('refuses $name', ({ fields, code }) => {
    expect(codeOf(() => judgeHello(own, them, reply(fields), false))).toBe(code);
  });

  it('compares no genesis while its own is unknown', () => {
    const unknowing = { ...own, genesisHash: undefined };
    expect(judgeHello(unknowing, them, reply({ genesis: `0x${'cd'.repeat(32)}` }), false)).toBe('peer');
  });
});

describe('status on the wire', () => {
  const { encode, decode } = helloMethod('/id/0.1');

  it('is read back as it was', () => {
    expect(decode(encode(statusOf(own, true)))).toMatchObject({
      metadata: { peerID: own.peerId },
      chain: 100n,
      genesis: GENESIS,
      temporaryDial: true,
    });
  });

  it('without a genesis hash has the bytes of a Go node', () => {
    const bytes = encode(statusOf({ ...own, genesisHash: undefined }, false));
    const key = `0a06${Buffer.from('peerID').toString('hex')}`;
    const value = `1235${Buffer.from(own.peerId).toString('hex')}`;
    expect(Buffer.from(bytes).toString('hex')).toBe(`0a3f${key}${value}1864`);
  });

  it('that cannot be decoded throws', () => {
    expect(() => decode(Uint8Array.from([0x0a, 0xff]))).toThrow();
  });
});

import { create } from '@bufbuild/protobuf';
import { describe, expect, it } from '@jest/globals';
import { aPeerId, IdentityUnderTest } from '../../../../test/support/identity-under-test.js';
import { StatusSchema } from '../../../gen/v1/identity_pb.js';
import { IdentityController } from './identity.controller.js';

const GENESIS = `0x${'ab'.repeat(32)}`;
const caller = aPeerId(1);
const call = { peerId: caller, signal: new AbortController().signal };
const greeting = (peerID: string, chain = 100n) => create(StatusSchema, { metadata: { peerID }, chain });
const controllerOf = ({ hello, standing }: IdentityUnderTest) =>
  new IdentityController(hello, standing.conduct);

describe(IdentityController.name, () => {
  it('answers with our status', () => {
    const net = new IdentityUnderTest({}, GENESIS);
    expect(controllerOf(net).hello(greeting(caller), undefined, call)).toMatchObject({
      metadata: { peerID: net.host.peerId },
      chain: 100n,
      genesis: GENESIS,
      temporaryDial: false,
    });
  });

  it('leaves the genesis hash out while it is unknown', () => {
    const controller = controllerOf(new IdentityUnderTest());
    expect(controller.hello(greeting(caller), undefined, call).genesis).toBe('');
  });

  it('answers a caller of another chain, and one whose own answer is still awaited', async () => {
    const net = new IdentityUnderTest().start();
    net.hellos.set(caller, undefined);
    await net.connect(1);
    const controller = controllerOf(net);
    expect(controller.hello(greeting(caller, 7n), undefined, call).chain).toBe(100n);
  });

  it('tells the authenticated caller, not the claimed one, of a temporary dial', () => {
    const net = new IdentityUnderTest();
    net.hello.markTemporary(caller);
    const controller = controllerOf(net);
    expect(controller.hello(greeting(aPeerId(2)), undefined, call).temporaryDial).toBe(true);
    const other = { ...call, peerId: aPeerId(2) };
    expect(controller.hello(greeting(caller), undefined, other).temporaryDial).toBe(false);
  });

  it('holds it against a caller that it claims to be another, and answers it', () => {
    const net = new IdentityUnderTest();
    expect(controllerOf(net).hello(greeting(aPeerId(2)), undefined, call).chain).toBe(100n);
    expect(net.standing.judged).toMatchObject([
      {
        peerId: caller,
        error: { detail: { code: 'NETWORK.CLAIMED_PEER_ID', peerId: caller, claimed: aPeerId(2) } },
      },
    ]);
  });

  it('holds nothing against one that names itself', () => {
    const net = new IdentityUnderTest();
    controllerOf(net).hello(greeting(caller), undefined, call);
    expect(net.standing.judged).toEqual([]);
  });

  it.each([
    { name: 'none', metadata: {} },
    { name: 'an empty one', metadata: { peerID: '' } },
  ])('refuses a caller that names no ID: $name', ({ metadata }) => {
    const controller = controllerOf(new IdentityUnderTest());
    expect.assertions(1);
    try {
      controller.hello(create(StatusSchema, { metadata }), undefined, call);
    } catch (error) {
      expect(error).toMatchObject({
        code: 'NETWORK.BAD_PEER_ID',
        message: 'failed to parse peer ID: invalid cid: cid too short',
      });
    }
  });
});

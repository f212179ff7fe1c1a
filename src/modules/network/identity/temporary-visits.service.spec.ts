import { describe, expect, it } from '@jest/globals';
import { anAddress, aPeerId, NetworkUnderTest } from '../../../../test/support/network-under-test.js';
import { TemporaryVisits } from './temporary-visits.service.js';

const PEER = aPeerId(1);

/** What became of a visit to peer 1, and whether its work was done. */
async function visit(net: NetworkUnderTest, work: () => Promise<string> = async () => 'asked') {
  const worked: string[] = [];
  const outcome = net.visits
    .visit(anAddress(1), new AbortController().signal, (peerId) => {
      worked.push(peerId);
      return work();
    })
    .catch((error: unknown) => error);
  await net.settle();
  return { outcome: await outcome, worked };
}

function expectNoTrace(net: NetworkUnderTest): void {
  expect(net.host.connections()).toEqual([]);
  expect(net.members()).toEqual([]);
  expect(net.slots.counts('outbound')).toEqual({ active: 0, pending: 0 });
  expect(net.hello.statusFor(PEER).temporaryDial).toBe(false);
}

describe(TemporaryVisits.name, () => {
  it('does its work once the handshake is done, and leaves', async () => {
    const net = new NetworkUnderTest().start();
    expect(await visit(net)).toEqual({ outcome: 'asked', worked: [PEER] });
    expectNoTrace(net);
  });

  it.each<{ name: string; spoil: (net: NetworkUnderTest) => void; code: string }>([
    {
      name: 'the peer cannot be reached',
      spoil: (net) => {
        net.host.dialScript = () => 'refuse';
      },
      code: 'NETWORK.DIAL_FAILED',
    },
    {
      name: 'the handshake fails',
      spoil: (net) => net.hellos.set(PEER, { chain: 7 }),
      code: 'NETWORK.NOT_CONNECTED',
    },
  ])('does no work when $name', async ({ spoil, code }) => {
    const net = new NetworkUnderTest().start();
    spoil(net);
    expect(await visit(net)).toMatchObject({ outcome: { code }, worked: [] });
    expectNoTrace(net);
  });

  it('leaves when its work fails too', async () => {
    const net = new NetworkUnderTest().start();
    const failure = new Error('no answer');
    const { outcome } = await visit(net, () => Promise.reject(failure));
    expect(outcome).toBe(failure);
    expectNoTrace(net);
  });
});

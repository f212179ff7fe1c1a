import { afterEach, describe, expect, it } from '@jest/globals';
import { eventually } from '../../support/eventually.js';
import { ManualClock } from '../../support/manual-clock.js';
import { NetworkNodes } from '../../support/network-nodes.js';
import { SILENT_STAGES, silentDialer, silentListener } from '../../support/silent-peers.js';

/** The module's and libp2p's own longest waits, and a bit. */
const LONGEST_WAIT_MS = 10_001;

describe('peers that fall silent', () => {
  const nodes = new NetworkNodes();
  afterEach(() => nodes.stop());

  it.each(SILENT_STAGES)('at %s when dialed: the dial ends in time and holds up nobody', async (stage) => {
    const clock = new ManualClock();
    const node = await nodes.start({ key: 1, clock, config: { maxOutboundPeers: 2 } });
    const good = await nodes.start({ key: 2 });
    const silent = await silentListener(stage);
    nodes.after(() => silent.close());

    const failed = node.add(silent.address);
    await node.event('peer:dial-started');
    expect(await node.add(good.address)).toEqual({ stage: 'connected' });
    // In steps: a handshake begins only when the connection under it is there.
    await eventually(() => {
      clock.advance(LONGEST_WAIT_MS / 10);
      return node.events.some(({ type }) => type === 'peer:dial-failed' || type === 'peer:handshake-failed');
    });
    const { error } = (await failed) as { error: { code: string } };
    expect(error.code).toMatch(/^NETWORK\.(DIAL_TIMEOUT|RPC_TIMEOUT|STREAM_FAILED|DIAL_FAILED)$/);
    expect(node.table()).toEqual([good.peerId]);
    const third = await nodes.start({ key: 3 });
    expect(await node.add(third.address)).toEqual({ stage: 'connected' });
  });

  it.each(SILENT_STAGES)('at %s when dialing us: others get in at once', async (stage) => {
    const node = await nodes.start({ key: 1, config: { maxInboundPeers: 2 } });
    const port = Number(node.address.split('/')[4]);
    nodes.after(await silentDialer(port, stage));
    const good = await nodes.start({ key: 2 });
    expect(await good.add(node.address)).toEqual({ stage: 'connected' });
    await node.has(good);
  });

  it('at Hello: the slot is held as pending until the handshake runs out', async () => {
    const clock = new ManualClock();
    const config = { maxInboundPeers: 1, courtesySlots: 0, handshakeTimeoutMs: 5_000 };
    const node = await nodes.start({ key: 1, clock, config });
    nodes.after(await silentDialer(Number(node.address.split('/')[4]), 'hello'));
    await eventually(() => node.host.connections().length === 1);
    const early = await nodes.start({ key: 2 });
    expect(await early.add(node.address)).toMatchObject({ stage: 'failed', at: 'handshake' });
    clock.advance(5_001);
    await node.event('peer:handshake-failed', ({ error }) => error.code === 'NETWORK.RPC_TIMEOUT');
    await eventually(() => node.host.connections().length === 0);
    const late = await nodes.start({ key: 3 });
    expect(await late.add(node.address)).toEqual({ stage: 'connected' });
  });

  it('a connection that closes during Hello leaves nothing behind', async () => {
    const node = await nodes.start({ key: 1, config: { maxInboundPeers: 1 } });
    const close = await silentDialer(Number(node.address.split('/')[4]), 'hello');
    await eventually(() => node.host.connections().length === 1);
    close();
    await node.event('peer:handshake-failed');
    const good = await nodes.start({ key: 2 });
    expect(await good.add(node.address)).toEqual({ stage: 'connected' });
  });
});

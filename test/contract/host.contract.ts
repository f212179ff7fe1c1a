import { afterEach, describe, expect, it } from '@jest/globals';
import type { Host } from '../../src/modules/network/ports/host.port.js';
import { eventually } from '../support/eventually.js';
import { addressOf, dial, ECHO, echo, type HostBench, HostFleet, record, TIMEOUT_MS } from './host-fleet.js';
import { hostGossipContract } from './host-gossip.contract.js';
import { hostStreamsContract } from './host-streams.contract.js';

/** What every adapter of the HOST port promises. */
export function hostContract(name: string, makeBench: () => Promise<HostBench>): void {
  describe(`${name} keeps the host contract`, () => {
    const fleet = new HostFleet(makeBench);
    afterEach(() => fleet.stop());
    lifeContract(fleet);
    connectionsContract(fleet);
    refusalsContract(fleet);
    hostStreamsContract(fleet);
    hostGossipContract(fleet);
  });
}

function lifeContract(fleet: HostFleet): void {
  describe('life', () => {
    it('has its identity and no address before start', async () => {
      const host = await fleet.created();
      expect(host.peerId).toMatch(/^16Uiu2HA/);
      expect(host.addresses()).toEqual([]);
      expect(host.connections()).toEqual([]);
    });

    it('may be started twice and stopped twice', async () => {
      const host = await fleet.created();
      await Promise.all([host.start(), host.start()]);
      await host.start();
      expect(host.addresses()).toHaveLength(1);
      expect(host.addresses()[0]).not.toContain('/p2p');
      await Promise.all([host.stop(), host.stop()]);
      await host.stop();
      expect(host.addresses()).toEqual([]);
    });

    it('may be stopped before start and while it starts', async () => {
      const [idle, starting] = [await fleet.created(), await fleet.created()];
      await idle.stop();
      const start = starting.start();
      await starting.stop();
      await start;
      await expect(idle.start()).rejects.toMatchObject({ code: 'NETWORK.LISTEN_FAILED' });
      await expect(dial(idle, addressOf(idle))).rejects.toMatchObject({ code: 'NETWORK.DIAL_FAILED' });
    });

    it('says which place was taken', async () => {
      const first = await fleet.started();
      const second = await fleet.createdAtSamePlace(first);
      await expect(second.start()).rejects.toMatchObject({
        code: 'NETWORK.LISTEN_FAILED',
        detail: { address: expect.stringMatching(/^\//), reason: expect.stringMatching(/./) },
      });
      await second.stop();
    });

    it('fires nothing after stop and completes its events', async () => {
      const [a, b] = await fleet.connected();
      const seen = record(a);
      await a.stop();
      expect(seen.events.map(({ type }) => type)).toEqual(['connection:closed']);
      expect(seen.completed).toBe(true);
      await expect(dial(b, addressOf(a))).rejects.toMatchObject({ code: 'NETWORK.DIAL_FAILED' });
      expect(a.connections()).toEqual([]);
      expect(seen.events).toHaveLength(1);
    });
  });
}

function connectionsContract(fleet: HostFleet): void {
  describe('connections', () => {
    it('tells both sides, once, with the connection already listed', async () => {
      const [a, b] = [await fleet.started(), await fleet.started()];
      const listed: boolean[] = [];
      for (const host of [a, b]) {
        host.events$.subscribe(({ type, connection }) => {
          listed.push(host.connections().includes(connection) === (type === 'connection:opened'));
        });
      }
      const [atA, atB] = [record(a), record(b)];
      const connection = await dial(a, addressOf(b));
      expect(connection).toMatchObject({
        peerId: b.peerId,
        direction: 'outbound',
        remote: b.addresses()[0],
      });
      expect(a.connections()).toEqual([connection]);
      await eventually(() => atB.events.length === 1);
      expect(atB.events[0]).toMatchObject({
        type: 'connection:opened',
        connection: { peerId: a.peerId, direction: 'inbound', remote: expect.not.stringContaining('/p2p') },
      });
      await a.disconnect(b.peerId);
      expect(a.connections()).toEqual([]);
      await eventually(() => atB.events.length === 2);
      expect(atA.events.map(({ type }) => type)).toEqual(['connection:opened', 'connection:closed']);
      expect(atB.events.map(({ type }) => type)).toEqual(['connection:opened', 'connection:closed']);
      expect(b.connections()).toEqual([]);
      expect(listed).toEqual([true, true, true, true]);
    });

    it('reuses a connection that is there, whoever opened it', async () => {
      const [a, b] = await fleet.connected();
      expect((await dial(a, addressOf(b))).id).toBe(a.connections()[0]?.id);
      expect((await dial(b, { peerId: a.peerId, transport: '' })).direction).toBe('inbound');
      expect(a.connections()).toHaveLength(1);
    });

    it('dials again after a disconnect, by the remembered address', async () => {
      const [a, b] = await fleet.connected();
      const before = a.connections()[0];
      await a.disconnect(b.peerId);
      await eventually(() => b.connections().length === 0);
      await expect(dial(a, { peerId: b.peerId, transport: '' })).rejects.toMatchObject({
        code: 'NETWORK.DIAL_FAILED',
      });
      a.rememberAddress(addressOf(b));
      const again = await dial(a, { peerId: b.peerId, transport: '' });
      expect(again.id).not.toBe(before?.id);
    });

    it('refuses whoever is not the peer that was asked for', async () => {
      const [a, b, c] = [await fleet.started(), await fleet.started(), await fleet.started()];
      const wrong = { peerId: c.peerId, transport: addressOf(b).transport };
      await expect(dial(a, wrong)).rejects.toMatchObject({ code: 'NETWORK.DIAL_FAILED' });
      expect(a.connections()).toEqual([]);
      await eventually(() => b.connections().length === 0);
    });

    it.each([
      ['ourselves', async (a: Host) => addressOf(a)],
      [
        'nobody',
        async () => ({
          peerId: (await fleet.created()).peerId,
          transport: await (await fleet.bench()).refusingTransport(),
        }),
      ],
      ['no multiaddr', async () => ({ peerId: (await fleet.created()).peerId, transport: 'nonsense' })],
    ])('fails to dial %s', async (_name, target) => {
      const a = await fleet.started();
      await expect(dial(a, await target(a))).rejects.toMatchObject({ code: 'NETWORK.DIAL_FAILED' });
    });

    it('gives up a dial at its deadline', async () => {
      const [a, b] = [await fleet.started(), await fleet.created()];
      const silent = { peerId: b.peerId, transport: await (await fleet.bench()).silentTransport() };
      await expect(dial(a, silent, 50)).rejects.toMatchObject({
        code: 'NETWORK.DIAL_TIMEOUT',
        detail: { peerId: b.peerId, timeoutMs: 50 },
      });
    });

    it('gives up a dial that is cancelled, before or meanwhile', async () => {
      const [a, b] = [await fleet.started(), await fleet.created()];
      const silent = { peerId: b.peerId, transport: await (await fleet.bench()).silentTransport() };
      const controller = new AbortController();
      const dialing = a.dial(silent, { signal: controller.signal, timeoutMs: TIMEOUT_MS });
      queueMicrotask(() => controller.abort());
      await expect(dialing).rejects.toMatchObject({ code: 'NETWORK.CANCELLED' });
      await expect(
        a.dial(silent, { signal: controller.signal, timeoutMs: TIMEOUT_MS }),
      ).rejects.toMatchObject({
        code: 'NETWORK.CANCELLED',
      });
    });

    it('disconnects whom it never knew', async () => {
      const [a, b] = [await fleet.started(), await fleet.created()];
      await a.disconnect(b.peerId);
      expect(a.connections()).toEqual([]);
    });

    it('learns what the peer speaks and forgets it', async () => {
      const [a, b] = [await fleet.started(), await fleet.started()];
      b.handle(ECHO, echo);
      expect(a.peerInfo(b.peerId)).toEqual({
        protocols: [],
        addresses: [],
        agent: undefined,
        latencyMs: undefined,
      });
      await dial(a, addressOf(b));
      await eventually(() => a.peerInfo(b.peerId).protocols.includes(ECHO));
      expect(a.peerInfo(b.peerId).addresses).toEqual(b.addresses());
      expect(a.peerInfo(b.peerId).agent).toEqual(expect.any(String));
      await eventually(() => a.peerInfo(b.peerId).latencyMs !== undefined);
      expect(a.peerInfo(b.peerId).latencyMs).toBeGreaterThanOrEqual(0);
      await a.disconnect(b.peerId);
      expect(a.peerInfo(b.peerId)).toMatchObject({ protocols: [], latencyMs: undefined });
    });
  });
}

function refusalsContract(fleet: HostFleet): void {
  describe('refusals', () => {
    it('dials nobody who is refused, by peer or by address, and does not ask elsewhere', async () => {
      const refused = new Set<string>();
      const a = await fleet.started((remote, peerId) => refused.has(remote) || refused.has(peerId ?? ''));
      const b = await fleet.started();
      const atB = record(b);
      for (const what of [b.peerId, addressOf(b).transport]) {
        refused.add(what);
        await expect(dial(a, addressOf(b))).rejects.toMatchObject({ code: 'NETWORK.BANNED' });
        refused.clear();
      }
      expect(atB.events).toEqual([]);
      await dial(a, addressOf(b));
    });

    it.each([
      ['address', (_a: Host) => (_remote: string, peerId: string | undefined) => peerId === undefined],
      ['peer', (a: Host) => (_remote: string, peerId: string | undefined) => peerId === a.peerId],
    ])('takes no connection of a refused %s', async (_name, filterOf) => {
      const [a, other] = [await fleet.started(), await fleet.started()];
      const asked: string[] = [];
      let isOn = true;
      const isRefused = filterOf(a);
      const b = await fleet.started((remote, peerId) => {
        asked.push(remote);
        return isOn && isRefused(remote, peerId);
      });
      const atB = record(b);
      // The dialer may be through a moment before it is told.
      await dial(a, addressOf(b)).catch(({ code }) => expect(code).toBe('NETWORK.DIAL_FAILED'));
      await eventually(() => a.connections().length === 0);
      expect(atB.events).toEqual([]);
      expect(asked.length).toBeGreaterThan(0);
      expect(asked.every((remote) => /^\/\w+\/[^/]+/.test(remote) && !remote.includes('/p2p'))).toBe(true);
      isOn = false;
      await dial(a, addressOf(b));
      await dial(other, addressOf(b));
      await eventually(() => b.connections().length === 2);
    });

    it('keeps a connection that was there before', async () => {
      const refused = new Set<string>();
      const a = await fleet.started((_remote, peerId) => refused.has(peerId ?? ''));
      const b = await fleet.started();
      const connection = await dial(a, addressOf(b));
      refused.add(b.peerId);
      expect((await dial(a, addressOf(b))).id).toBe(connection.id);
    });
  });
}

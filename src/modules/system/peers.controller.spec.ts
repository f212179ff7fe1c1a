import { EventEmitter } from 'node:events';
import { create } from '@bufbuild/protobuf';
import { describe, expect, it } from '@jest/globals';
import { Subject } from 'rxjs';
import { anUnknown } from '../../../test/support/fake-network.js';
import { ManualClock } from '../../../test/support/manual-clock.js';
import { aSystem, other, self } from '../../../test/support/system-under-test.js';
import {
  AddPeerRequestSchema,
  AuditRequestSchema,
  BanRequestSchema,
  ExplainPeerRequestSchema,
  ListPeersRequestSchema,
  PinRequestSchema,
  RemovePeerRequestSchema,
  AddPeerResponse_Stage as Stage,
  TrustRequestSchema,
  UnbanRequestSchema,
  type WatchPeersResponse,
} from '../../gen/edgekeeper/v1/peers_pb.js';
import {
  type AuditEntry,
  type Ban,
  NetworkError,
  type OperatorAct,
  type PeerAddress,
  type PeerControl,
  type PeerEvent,
  type PeerId,
} from '../network/index.js';
import { PeerFactsReader } from './peer-facts.js';
import { PeersController } from './peers.controller.js';

/** Writes down what it is asked for. */
class RecordingControl implements PeerControl {
  readonly asked: unknown[][] = [];
  held: Ban[] = [];
  entries: AuditEntry[] = [];
  /** Whether there is pin and trust to revoke. */
  isPinned = false;

  async remove(...args: [PeerId, OperatorAct]) {
    this.asked.push(['remove', ...args]);
  }
  async ban(target: string, options: OperatorAct & { readonly ttlMs?: number | undefined }): Promise<Ban> {
    this.asked.push(['ban', target, options]);
    const { reason, by } = options;
    return { target: { kind: 'network', cidr: target }, sinceMs: 1, reason, by };
  }
  async unban(...args: [string, OperatorAct]) {
    this.asked.push(['unban', ...args]);
    return args[0] !== '10.0.0.9';
  }
  bans() {
    return this.held;
  }
  audit() {
    return this.entries;
  }
  async setTrusted(...args: [PeerId, boolean, OperatorAct]) {
    return this.decide('setTrusted', ...args);
  }
  async setStatic(...args: [PeerAddress, boolean, OperatorAct]) {
    return this.decide('setStatic', ...args);
  }

  private decide(what: string, ...args: readonly [unknown, boolean, OperatorAct]): boolean {
    const isDone = args[1] || this.isPinned;
    if (isDone) this.asked.push([what, ...args]);
    return isDone;
  }
}

const view = {
  claimedHeight: 12,
  isSource: false,
  isSetAside: false,
  skippedMs: 0,
  lastFault: undefined,
  betterPeers: 0,
  pausedMs: 0,
};
const progress = {
  state: 'idle' as const,
  startingHeight: 0,
  currentHeight: 0,
  highestHeight: 0,
  peerId: undefined,
  peers: 0,
  blocksPerSecond: undefined,
  secondsLeft: undefined,
};

function aController() {
  const { peers, chain, call, closing } = aSystem();
  const events = new Subject<PeerEvent>();
  Object.defineProperty(peers, 'events$', { value: events });
  const clock = new ManualClock();
  const control = new RecordingControl();
  const sync = { peerView: () => view, progress: () => progress };
  const facts = new PeerFactsReader(peers, chain, { paused: () => [] }, sync, clock);
  const config = { grpcHost: '127.0.0.1', grpcPort: 0, maxRequestBytes: 16_384, subscriberCapacity: 2 };
  const sut = new PeersController(facts, control, clock, config as never, closing.signal);
  return { sut, peers, control, call, closing, events, clock };
}

const act = { by: 'unknown', reason: 'because' };

describe(PeersController.name, () => {
  it('lists the connected, and on request those remembered', () => {
    const { sut, peers } = aController();
    const known = '16Uiu2HAmDKXWkEiqpChegmuoFuAznvPTZCuKGbHkmzanvfTVhtUh' as PeerId;
    const limits: number[] = [];
    peers.remembered = (limit?: number) => {
      limits.push(limit ?? -1);
      return [known] as never;
    };
    const list = (request: object) => sut.list(create(ListPeersRequestSchema, request)).peers ?? [];
    expect(list({})).toMatchObject([{ id: other, connected: true, claimedHeight: 12n }]);
    expect(list({ known: true }).map(({ id }) => id)).toEqual([other, known]);
    list({ known: true, limit: 7 });
    expect(limits).toEqual([200, 7]);
  });

  it('adds at once, or waits for the end within the time', async () => {
    const { sut, peers, clock } = aController();
    const address = `/ip4/10.0.0.1/tcp/1/p2p/${other}`;
    const add = (request: object) =>
      sut.add(create(AddPeerRequestSchema, { address, ...request }), undefined, new EventEmitter());
    expect(await add({})).toEqual({ stage: Stage.QUEUED, timedOut: false });
    const waiting = add({ wait: true, timeoutMs: 500 });
    clock.advance(500);
    expect(await waiting).toEqual({ stage: Stage.QUEUED, timedOut: true });
    peers.progress = [{ stage: 'queued' }, { stage: 'connected' }];
    expect(await add({ wait: true })).toEqual({ stage: Stage.CONNECTED, timedOut: false });
    const error = new NetworkError({ code: 'NETWORK.BANNED', target: other, reason: 'spam' });
    peers.progress = [{ stage: 'failed', at: 'queue', error }];
    expect(await add({})).toMatchObject({ stage: Stage.FAILED, reason: { code: 'NETWORK.BANNED' } });
    await expect(add({ address: '/ip4/10.0.0.1/tcp/1' })).rejects.toMatchObject({
      code: 'NETWORK.BAD_ADDRESS',
    });
  });

  it('removes whom it holds, and nobody else', async () => {
    const { sut, peers, control } = aController();
    const remove = (peerId: string) =>
      sut.remove(create(RemovePeerRequestSchema, { peerId, reason: 'because' }), undefined);
    await remove(other);
    expect(control.asked).toEqual([['remove', other, act]]);
    await expect(remove(self)).rejects.toMatchObject({ code: 'SYSTEM.PEER_NOT_FOUND' });
    peers.standing = () => ({ ...anUnknown, dial: 'queued' });
    await remove(self);
    expect(control.asked).toHaveLength(2);
    await expect(remove('nope')).rejects.toMatchObject({ code: 'NETWORK.BAD_PEER_ID' });
  });

  it('hands decisions on, with who decided and why', async () => {
    const { sut, control } = aController();
    const reason = 'because';
    const banned = await sut.ban(create(BanRequestSchema, { target: '10.0.0.0/8', ttlMs: 60n, reason }), {});
    expect(banned.ban).toMatchObject({ target: '10.0.0.0/8', by: 'unknown', untilMs: 0n });
    await sut.ban(create(BanRequestSchema, { target: '10.0.0.0/8' }), {});
    await sut.unban(create(UnbanRequestSchema, { target: '10.0.0.0/8', reason }), {});
    await sut.trust(create(TrustRequestSchema, { peerId: other, reason }), {});
    const untrust = () => sut.trust(create(TrustRequestSchema, { peerId: other, revoke: true, reason }), {});
    await expect(untrust()).rejects.toMatchObject({ code: 'SYSTEM.TRUST_NOT_FOUND' });
    const unpin = () =>
      sut.pin(create(PinRequestSchema, { address: `/p2p/${other}`, revoke: true, reason }), {});
    await expect(unpin()).rejects.toMatchObject({ code: 'SYSTEM.PIN_NOT_FOUND' });
    control.isPinned = true;
    await untrust();
    await unpin();
    await sut.pin(create(PinRequestSchema, { address: `/ip4/10.0.0.1/tcp/1/p2p/${other}`, reason }), {});
    expect(control.asked).toEqual([
      ['ban', '10.0.0.0/8', { ...act, ttlMs: 60 }],
      ['ban', '10.0.0.0/8', { by: 'unknown', reason: '', ttlMs: undefined }],
      ['unban', '10.0.0.0/8', act],
      ['setTrusted', other, true, act],
      ['setTrusted', other, false, act],
      ['setStatic', { peerId: other, transport: '' }, false, act],
      ['setStatic', { peerId: other, transport: '/ip4/10.0.0.1/tcp/1' }, true, act],
    ]);
    const unknown = sut.unban(create(UnbanRequestSchema, { target: '10.0.0.9' }), {});
    await expect(unknown).rejects.toMatchObject({ code: 'SYSTEM.BAN_NOT_FOUND' });
  });

  it('gives bans and the audit, newest first', () => {
    const { sut, control } = aController();
    control.held = [{ target: { kind: 'peer', peerId: other }, sinceMs: 1, reason: 'spam', by: 'ops' }];
    control.entries = [1, 2, 3].map((atMs) => ({ atMs, action: 'ban', target: other, ...act }));
    expect(sut.listBans().bans).toMatchObject([{ target: other, by: 'ops' }]);
    const audit = (limit: number) => sut.audit(create(AuditRequestSchema, { limit })).entries ?? [];
    expect(audit(2).map(({ atMs }) => atMs)).toEqual([3n, 2n]);
    expect(audit(0)).toHaveLength(3);
  });

  it('shows a watcher who is there, then what happens', () => {
    const { sut, call, events, closing } = aController();
    const errors: unknown[] = [];
    const subscription = sut.watch({}, {}, call).subscribe({ error: (error) => errors.push(error) });
    const written = call.written as WatchPeersResponse[];
    expect(written).toMatchObject([{ item: { case: 'snapshot', value: { peers: [{ id: other }] } } }]);
    events.next({ type: 'peer:connected', peerId: self, direction: 'inbound', atMs: 3 });
    expect(written[1]).toMatchObject({ item: { case: 'event', value: { peerId: self, atMs: 3n } } });
    call.writableNeedDrain = true;
    for (const atMs of [4, 5, 6])
      events.next({ type: 'peer:unbanned', target: { kind: 'network', cidr: 'x' }, atMs });
    expect(errors).toMatchObject([{ code: 'SYSTEM.WATCHER_TOO_SLOW' }]);
    expect(events.observed).toBe(false);
    subscription.unsubscribe();
    closing.abort();
  });

  it('explains anyone', () => {
    const { sut } = aController();
    const explain = (peerId: string) => sut.explain(create(ExplainPeerRequestSchema, { peerId }));
    expect(explain(other)).toMatchObject({ peerId: other, connection: { yes: true } });
    expect(explain(self).connection?.causes?.[0]?.code).toBe('PEER.NEVER_HEARD_OF');
    expect(() => explain('nope')).toThrow(NetworkError);
  });
});

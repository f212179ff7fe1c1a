import type { MessageInitShape } from '@bufbuild/protobuf';
import { Controller, Inject, UseInterceptors } from '@nestjs/common';
import { GrpcMethod } from '@nestjs/microservices';
import { concat, defer, map, type Observable, of } from 'rxjs';
import { boundedStream } from '../../common/bounded-stream.js';
import { CLOCK, type Clock } from '../../common/clock.js';
import type { StreamCall } from '../../common/stream-call.js';
import type {
  AddPeerRequest,
  AddPeerResponseSchema,
  AuditRequest,
  AuditResponseSchema,
  BanRequest,
  BanResponseSchema,
  ExplainPeerRequest,
  ExplainPeerResponseSchema,
  ListBansResponseSchema,
  ListPeersRequest,
  ListPeersResponseSchema,
  PinRequest,
  RemovePeerRequest,
  TrustRequest,
  UnbanRequest,
  WatchPeersResponseSchema,
} from '../../gen/edgekeeper/v1/peers_pb.js';
import { callerOf } from '../access/index.js';
import { PEER_CONTROL, type PeerControl, parsePeerAddress, parsePeerId } from '../network/index.js';
import { explainPeer } from './explain/explain-peer.js';
import { followAdd } from './follow-add.js';
import { OperatorCallInterceptor } from './operator-call.interceptor.js';
import { PeerFactsReader } from './peer-facts.js';
import {
  toAddResponse,
  toAuditEntry,
  toBan,
  toExplanation,
  toPeerEntry,
  toPeerEvent,
} from './peers.mapper.js';
import { OPERATOR_CLOSING } from './ports/operator-closing.port.js';
import { SYSTEM_CONFIG, type SystemConfig } from './system.config.js';
import { SystemError } from './system.errors.js';

const DEFAULT_KNOWN_PEERS = 200;
/** Below the time that the port gives a unary call. */
const DEFAULT_ADD_TIMEOUT_MS = 20_000;

type WatchItem = MessageInitShape<typeof WatchPeersResponseSchema>;

/** Shows, explains and decides who this node is connected with. */
@Controller()
@UseInterceptors(OperatorCallInterceptor)
export class PeersController {
  constructor(
    private readonly facts: PeerFactsReader,
    @Inject(PEER_CONTROL) private readonly control: PeerControl,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(SYSTEM_CONFIG) private readonly config: SystemConfig,
    @Inject(OPERATOR_CLOSING) private readonly closing: AbortSignal,
  ) {}

  @GrpcMethod('Peers', 'List')
  list({ known, limit }: ListPeersRequest): MessageInitShape<typeof ListPeersResponseSchema> {
    const remembered = known ? this.facts.remembered(limit || DEFAULT_KNOWN_PEERS) : [];
    return { peers: [...this.facts.connected(), ...remembered].map(toPeerEntry) };
  }

  @GrpcMethod('Peers', 'Add')
  async add(
    { address, wait, timeoutMs }: AddPeerRequest,
    _metadata: unknown,
    call: object,
  ): Promise<MessageInitShape<typeof AddPeerResponseSchema>> {
    const progress$ = this.facts.peers.add(parsePeerAddress(address));
    const { progress, isOver } = await followAdd(progress$, {
      clock: this.clock,
      timeoutMs: wait ? timeoutMs || DEFAULT_ADD_TIMEOUT_MS : 0,
      call,
      closing: this.closing,
    });
    return toAddResponse(progress, this.clock.nowMs(), wait && !isOver);
  }

  @GrpcMethod('Peers', 'Remove')
  async remove(request: RemovePeerRequest, metadata: unknown): Promise<Record<string, never>> {
    const peerId = parsePeerId(request.peerId);
    if (!this.facts.isHeld(peerId)) throw new SystemError({ code: 'SYSTEM.PEER_NOT_FOUND', peerId });
    await this.control.remove(peerId, actOf(metadata, request));
    return {};
  }

  @GrpcMethod('Peers', 'Ban')
  async ban(request: BanRequest, metadata: unknown): Promise<MessageInitShape<typeof BanResponseSchema>> {
    const ttlMs = request.ttlMs === 0n ? undefined : Number(request.ttlMs);
    const ban = await this.control.ban(request.target, { ...actOf(metadata, request), ttlMs });
    return { ban: toBan(ban) };
  }

  @GrpcMethod('Peers', 'Unban')
  async unban(request: UnbanRequest, metadata: unknown): Promise<Record<string, never>> {
    const { target } = request;
    const isLifted = await this.control.unban(target, actOf(metadata, request));
    if (!isLifted) throw new SystemError({ code: 'SYSTEM.BAN_NOT_FOUND', target });
    return {};
  }

  @GrpcMethod('Peers', 'ListBans')
  listBans(): MessageInitShape<typeof ListBansResponseSchema> {
    return { bans: this.control.bans().map(toBan) };
  }

  @GrpcMethod('Peers', 'Trust')
  async trust(request: TrustRequest, metadata: unknown): Promise<Record<string, never>> {
    const peerId = parsePeerId(request.peerId);
    const isDone = await this.control.setTrusted(peerId, !request.revoke, actOf(metadata, request));
    if (!isDone) throw new SystemError({ code: 'SYSTEM.TRUST_NOT_FOUND', peerId });
    return {};
  }

  @GrpcMethod('Peers', 'Pin')
  async pin(request: PinRequest, metadata: unknown): Promise<Record<string, never>> {
    const address = parsePeerAddress(request.address);
    const isDone = await this.control.setStatic(address, !request.revoke, actOf(metadata, request));
    if (!isDone) throw new SystemError({ code: 'SYSTEM.PIN_NOT_FOUND', peerId: address.peerId });
    return {};
  }

  @GrpcMethod('Peers', 'Audit')
  audit({ limit }: AuditRequest): MessageInitShape<typeof AuditResponseSchema> {
    const newestFirst = [...this.control.audit()].reverse();
    return { entries: newestFirst.slice(0, limit || newestFirst.length).map(toAuditEntry) };
  }

  /** The table is read and the events are subscribed to in one go, so that no fact falls between. */
  @GrpcMethod('Peers', 'Watch')
  watch(_request: unknown, _metadata: unknown, call: StreamCall<WatchItem>): Observable<never> {
    const snapshot$ = defer(() => of(this.facts.connected().map(toPeerEntry)));
    const items$ = concat(
      snapshot$.pipe(map((peers): WatchItem => ({ item: { case: 'snapshot', value: { peers } } }))),
      this.facts.peers.events$.pipe(
        map((event): WatchItem => ({ item: { case: 'event', value: toPeerEvent(event) } })),
      ),
    );
    return boundedStream<WatchItem>(call, items$, {
      capacity: this.config.subscriberCapacity,
      onOverflow: () => new SystemError({ code: 'SYSTEM.WATCHER_TOO_SLOW' }),
      closing: this.closing,
    });
  }

  @GrpcMethod('Peers', 'Explain')
  explain(request: ExplainPeerRequest): MessageInitShape<typeof ExplainPeerResponseSchema> {
    const peerId = parsePeerId(request.peerId);
    return toExplanation(peerId, explainPeer(this.facts.of(peerId)));
  }
}

/** Whose will it is, for the audit. */
function actOf(metadata: unknown, { reason }: { readonly reason: string }) {
  return { by: callerOf(metadata).name, reason };
}

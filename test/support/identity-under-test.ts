import { create, toBinary } from '@bufbuild/protobuf';
import { Subject } from 'rxjs';
import { SilentLogger } from '../../src/common/logger.port.js';
import { NoMetrics } from '../../src/common/metrics.port.js';
import { StatusSchema } from '../../src/gen/v1/identity_pb.js';
import { peerIdBytes } from '../../src/modules/network/address/peer-id.js';
import { Admission } from '../../src/modules/network/identity/admission.js';
import { HelloService } from '../../src/modules/network/identity/hello.service.js';
import { IdentityService } from '../../src/modules/network/identity/identity.service.js';
import { PeerRegister } from '../../src/modules/network/identity/peer-register.js';
import { Quarantine } from '../../src/modules/network/identity/quarantine.js';
import { type NetworkConfig, networkConfigSchema } from '../../src/modules/network/network.config.js';
import { consequenceOf, NetworkError } from '../../src/modules/network/network.errors.js';
import type { PeerEvent } from '../../src/modules/network/network.events.js';
import { createNetworkMetrics } from '../../src/modules/network/network.metrics.js';
import { PeerTable } from '../../src/modules/network/peers/peer-table.js';
import type { Direction, PeerId } from '../../src/modules/network/ports/types.js';
import { ConnectionSlots } from '../../src/modules/network/slots/connection-slots.js';
import { ManualClock } from './manual-clock.js';
import { aPeerId } from './peer-ids.js';
import { ScriptedHost } from './scripted-host.js';
import { type ScriptedAnswer, ScriptedProtocols } from './scripted-protocols.js';

export { aPeerId } from './peer-ids.js';

const CHAIN_ID = 100;

/** What a peer answers to Hello. */
export interface HelloScript {
  chain?: number;
  genesis?: string;
  claimed?: string;
  temporaryDial?: boolean;
}

/** What a test says about peers, and what was asked about them. */
class ScriptedStanding {
  readonly pinned = new Set<PeerId>();
  readonly knownGood = new Set<PeerId>();
  readonly scores = new Map<PeerId, number>();
  readonly quarantines = new Map<PeerId, number>();
  readonly judged: { peerId: PeerId; error: NetworkError }[] = [];
  readonly expulsions = new Subject<{ peerId: PeerId; cause: NetworkError }>();

  constructor(private readonly clock: ManualClock) {}

  /** What costs a peer its connections. */
  fault(n: number): NetworkError {
    return new NetworkError({ code: 'NETWORK.BAD_MESSAGE', peerId: aPeerId(n), path: '/x', reason: 'junk' });
  }

  readonly pins = { isPinned: (peerId: PeerId) => this.pinned.has(peerId) };
  readonly kept = { isNamed: (peerId: PeerId) => this.pinned.has(peerId) };
  readonly book = {
    isKnownGood: (peerId: PeerId) => this.knownGood.has(peerId),
    quarantine: (peerId: PeerId, untilMs: number) => void this.quarantines.set(peerId, untilMs),
    quarantinedUntilMs: (peerId: PeerId) => {
      const untilMs = this.quarantines.get(peerId) ?? 0;
      return untilMs > this.clock.nowMs() ? untilMs : undefined;
    },
  };
  readonly conduct = {
    expulsions$: this.expulsions.asObservable(),
    refusalOf: (peerId: PeerId) => {
      const score = this.scores.get(peerId) ?? 0;
      return score < -20 ? new NetworkError({ code: 'NETWORK.SCORE_TOO_LOW', peerId, score }) : undefined;
    },
    describe: (peerId: PeerId) => ({ score: this.scores.get(peerId) ?? 0, reasons: [] }),
    judge: (peerId: PeerId, error: NetworkError) => {
      this.judged.push({ peerId, error });
      const { action } = consequenceOf(error);
      if (action === 'drop') this.expulsions.next({ peerId, cause: error });
      return action;
    },
  };
}

/** Who gets in and who stays, on a scripted host, with a clock that stands still. Its own ID is `aPeerId(0)`. */
export class IdentityUnderTest {
  readonly clock = new ManualClock();
  readonly host = new ScriptedHost(aPeerId(0), this.clock);
  readonly protocols = new ScriptedProtocols(this.clock);
  readonly standing = new ScriptedStanding(this.clock);
  readonly table = new PeerTable(this.clock);
  readonly events: PeerEvent[] = [];
  readonly config: NetworkConfig;
  readonly slots: ConnectionSlots;
  readonly hello: HelloService;
  readonly identity: IdentityService;
  /** Answers of peers to Hello; a peer without one answers well, one with undefined never. */
  readonly hellos = new Map<PeerId, HelloScript | Error | undefined>();

  constructor(config: Partial<NetworkConfig> = {}, genesisHash?: string) {
    this.config = { ...networkConfigSchema.parse({}), ...config };
    const { clock, host, protocols, table, standing } = this;
    const { maxInboundPeers: inbound, maxOutboundPeers: outbound } = this.config;
    const { reservedSlots: reserved, courtesySlots: courtesy, quarantineMs } = this.config;
    const log = new SilentLogger();
    const metrics = createNetworkMetrics(new NoMetrics());
    const setup = {
      chainId: CHAIN_ID,
      genesisHash: () => genesisHash,
      bootnodes: [],
      networkKey: new Uint8Array(32),
    };
    this.slots = new ConnectionSlots({ inbound, outbound, reserved, courtesy }, standing.pins);
    this.hello = new HelloService(host, protocols, this.config, setup, this.slots);
    const quarantine = new Quarantine(standing.book, standing.kept, table, clock, quarantineMs);
    const { slots, hello } = this;
    const { book, pins, conduct } = standing;
    const admission = new Admission(slots, quarantine, book, pins, conduct, clock);
    const register = new PeerRegister(table, slots, conduct, quarantine, log, metrics);
    this.identity = new IdentityService(host, hello, admission, register, conduct, clock, log);
    protocols.answer = ({ peerId }) => this.#sayHello(peerId);
    table.events$.subscribe((event) => this.events.push(event));
  }

  start(): this {
    this.identity.start();
    return this;
  }

  async stop(): Promise<void> {
    await this.host.stop();
    this.identity.stop();
  }

  /** Lets promises and timers run, `ms` of time passing. */
  async settle(ms = 0): Promise<void> {
    await this.clock.advanceAsync(ms);
    await this.clock.advanceAsync(0);
  }

  /** Opens a connection and sees its handshake through. */
  async connect(n: number, direction: Direction = 'inbound', remote?: string): Promise<PeerId> {
    this.host.open(aPeerId(n), direction, remote);
    await this.settle();
    return aPeerId(n);
  }

  /** Events in short, such as `peer:connected 3` or `peer:handshake-failed 3 NETWORK.CHAIN_MISMATCH`. */
  story(...types: PeerEvent['type'][]): string[] {
    return storyOf(this.events, types);
  }

  /** Numbers of the peers in the table. */
  members(): number[] {
    return this.table.list().map(({ peerId }) => numberOf(peerId));
  }

  /** Numbers of the peers that are connected. */
  connected(): number[] {
    return this.host.connections().map(({ peerId }) => numberOf(peerId));
  }

  #sayHello(peerId: PeerId): ScriptedAnswer {
    const script = this.hellos.has(peerId) ? this.hellos.get(peerId) : {};
    if (script === undefined || script instanceof Error) return script;
    return helloAnswer(peerId, script);
  }
}

/** Events in short, of these types or of all. */
export function storyOf(events: readonly PeerEvent[], types: readonly PeerEvent['type'][]): string[] {
  const chosen = events.filter(({ type }) => types.length === 0 || types.includes(type));
  return chosen.map((event) => {
    const peerId = 'peerId' in event ? event.peerId : 'address' in event ? event.address.peerId : undefined;
    const error = 'error' in event ? event.error : 'cause' in event ? event.cause : undefined;
    const parts = [event.type, peerId && numberOf(peerId), error?.code];
    return parts.filter((part) => part !== undefined).join(' ');
  });
}

/** What a peer answers to Hello. */
export function helloAnswer(peerId: PeerId, script: HelloScript): Uint8Array {
  const status = create(StatusSchema, {
    metadata: { peerID: script.claimed ?? peerId },
    chain: BigInt(script.chain ?? CHAIN_ID),
    genesis: script.genesis ?? '',
    temporaryDial: script.temporaryDial ?? false,
  });
  return toBinary(StatusSchema, status);
}

/** The number that `aPeerId` made a peer ID of. */
export function numberOf(peerId: PeerId): number {
  const [high = 0, low = 0] = peerIdBytes(peerId).slice(-2);
  return (high << 8) | low;
}

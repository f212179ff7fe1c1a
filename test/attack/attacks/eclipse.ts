import { setMaxListeners } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import type { Arena, SeenConnection } from '../arena.js';
import type { Attack } from '../attack.js';
import { bytesField, numberField } from '../wire/encoding.js';
import { Paths, type WirePeer } from '../wire/peer.js';

const SYBILS = 200;
const SYBIL_NETWORKS = 4;
const HONEST = 8;
/** The node finds its honest peers before the crowd comes. */
const SETTLING_MS = 4_000;
const SECONDS = 20;
const PEERS_PER_ANSWER = 16;
/** One honest peer after the other restarts, so that slots get free and are filled anew. */
const SECONDS_BETWEEN_RESTARTS = 2;
const LEAST_HONEST = 2;
const MOST_PER_NETWORK = 2;

/** Peers of one kind, with the addresses that they listen on. */
interface Crowd {
  readonly peers: WirePeer[];
  readonly hosts: readonly string[];
  /** Multiaddrs with `/p2p`. */
  readonly addresses: string[];
}

/**
 * A node among few honest peers, and then a crowd from few networks that takes its inbound slots and tells it of nobody
 * else. What honest peers tell is half false as well, as the crowd has been with them; and they leave now and then.
 */
export const eclipse: Attack = {
  name: 'eclipse',
  source: 'eclipse by address flooding',
  limit: '≥ 2 honest outbound, ≤ 2 per /24, the static peer never lost',
  victim: { settings: { network: { discoveryIntervalMs: 200 } } },
  run: async (arena) => {
    const sybilHosts = Array.from(
      { length: arena.count(SYBILS) },
      (_, i) => `127.30.${i % SYBIL_NETWORKS}.${1 + Math.floor(i / SYBIL_NETWORKS)}`,
    );
    const sybils = await crowd(arena, sybilHosts, (own) => chosen(own, PEERS_PER_ANSWER));
    const honestHosts = Array.from({ length: HONEST }, (_, i) => `127.40.${i}.1`);
    let isCrowdThere = false;
    const honest = await crowd(arena, honestHosts, (own) =>
      isCrowdThere ? [...own, ...chosen(sybils.addresses, HONEST)] : own,
    );
    await arena.ask('setStatic', honest.addresses.at(-1));
    await arena.ask('add', honest.addresses[0]);
    await pause(SETTLING_MS);
    isCrowdThere = true;
    const end = new AbortController();
    setMaxListeners(0, end.signal);
    const siege = sybils.peers.map((peer, i) => arena.insist(() => peer, sybils.hosts[i] ?? '', end.signal));
    const outcome = await besieged(arena, honest);
    end.abort();
    await Promise.all(siege);
    return outcome;
  },
};

async function crowd(
  arena: Arena,
  hosts: readonly string[],
  tell: (own: readonly string[]) => readonly string[],
): Promise<Crowd> {
  const addresses: string[] = [];
  const peers: WirePeer[] = [];
  const answers = {
    [Paths.findPeers]: () => [Buffer.concat(tell(addresses).map((address) => bytesField(1, address)))],
    [Paths.getStatus]: () => [numberField(1, 0)],
  };
  for (const host of hosts) {
    const peer = arena.peer({ answers });
    peers.push(peer);
    addresses.push(await peer.listen(host));
  }
  return { peers, hosts, addresses };
}

function chosen(addresses: readonly string[], count: number): readonly string[] {
  const shuffled = addresses
    .map((address) => ({ address, at: Math.random() }))
    .toSorted((a, b) => a.at - b.at);
  return shuffled.slice(0, count).map(({ address }) => address);
}

async function besieged(arena: Arena, honest: Crowd) {
  const honestIds = new Set(honest.peers.map(({ identity }) => identity.peerId));
  const restarting = inTurn(honest.peers.slice(0, -1));
  const staticId = honest.peers.at(-1)?.identity.peerId;
  let staticSeen = false;
  let staticLost = 0;
  const kept: number[] = [];
  let crowded = 0;
  for (let second = 0; second < arena.count(SECONDS); second += 1) {
    await pause(1_000);
    const connections = await arena.ask<SeenConnection[]>('connections');
    const outbound = connections.filter(({ direction }) => direction === 'outbound');
    kept.push(outbound.filter(({ peerId }) => honestIds.has(peerId)).length);
    crowded = Math.max(crowded, mostOf(outbound.map(({ remote }) => networkOf(remote))));
    const isThere = connections.some(({ peerId }) => peerId === staticId);
    if (staticSeen && !isThere) staticLost += 1;
    staticSeen ||= isThere;
    const restarted = second % SECONDS_BETWEEN_RESTARTS === 0 ? restarting.next().value : undefined;
    for (const { connection } of restarted?.links ?? []) connection.socket.destroy();
  }
  const least = Math.min(...kept.slice(kept.length / 2));
  return {
    figure: `${least} honest outbound at least in the second half, ${crowded} at most per /24, static peer ${staticSeen ? `lost ${staticLost} times` : 'NEVER seen'}`,
    ok: least >= LEAST_HONEST && crowded <= MOST_PER_NETWORK && staticSeen && staticLost === 0,
  };
}

function* inTurn<T>(items: readonly T[]): Generator<T> {
  for (;;) yield* items;
}

/** The /24 of a multiaddr. */
function networkOf(remote: string): string {
  return remote.split('/')[2]?.split('.').slice(0, 3).join('.') ?? '';
}

function mostOf(names: readonly string[]): number {
  const counts = names.map((name) => names.filter((other) => other === name).length);
  return Math.max(0, ...counts);
}

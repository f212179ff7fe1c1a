import { afterEach, describe, expect, it } from '@jest/globals';
import { formatPeerAddress, parsePeerAddress } from '../../src/modules/network/address/peer-address.js';
import { NetworkError } from '../../src/modules/network/network.errors.js';
import type { Candidate, PeerDiscovery } from '../../src/modules/network/ports/peer-discovery.port.js';
import type { PeerAddress, PeerId } from '../../src/modules/network/ports/types.js';
import { settled } from '../support/eventually.js';
import { waitFor } from '../support/wait-for.js';

/** One way of finding peers, not started, and a world in which there is a peer to be found. */
export interface PeerDiscoveryBench {
  readonly discovery: PeerDiscovery;
  /** The peer that is there. */
  readonly known: PeerAddress;
  /** A peer that nobody has heard of. */
  readonly unknown: PeerId;
  /** Lets the world tell of `known`, again at each call. Resolves when it can be located; the candidate may come later. */
  reveal(): Promise<void>;
  /** From now on nobody answers a `locate`. Absent for ways that ask nobody. */
  silence?(): void;
  close(): Promise<void>;
}

/** What every adapter of the PEER_DISCOVERY port promises. */
export function peerDiscoveryContract(name: string, makeBench: () => Promise<PeerDiscoveryBench>): void {
  describe(`${name} keeps the peer discovery contract`, () => {
    const benches: PeerDiscoveryBench[] = [];
    const bench = async () => {
      const made = await makeBench();
      benches.push(made);
      return made;
    };
    const started = async () => {
      const made = await bench();
      await made.discovery.start();
      return made;
    };
    afterEach(async () => {
      for (const made of benches.splice(0)) {
        await made.discovery.stop();
        await made.close();
      }
    });
    lifeContract(bench, started);
    candidatesContract(bench, started);
    pauseContract(bench, started);
    locateContract(bench, started);
  });
}

type Make = () => Promise<PeerDiscoveryBench>;
/** A quarter of a second, in which a way that asks every 100 ms asks again. */
const QUIET_POLLS = 50;
const active = { signal: new AbortController().signal };

interface Recorded {
  readonly candidates: Candidate[];
  completed: boolean;
}

function record({ candidates$ }: PeerDiscovery): Recorded {
  const seen: Recorded = { candidates: [], completed: false };
  candidates$.subscribe({
    next: (candidate) => seen.candidates.push(candidate),
    complete: () => {
      seen.completed = true;
    },
  });
  return seen;
}

function lifeContract(bench: Make, started: Make): void {
  it('has a name', async () => {
    expect((await bench()).discovery.name).toMatch(/^[a-z-]{3,16}$/);
  });

  it('may be started twice and stopped twice', async () => {
    const { discovery } = await bench();
    const seen = record(discovery);
    await Promise.all([discovery.start(), discovery.start()]);
    await discovery.start();
    expect(seen.completed).toBe(false);
    await Promise.all([discovery.stop(), discovery.stop()]);
    await discovery.stop();
    expect(seen.completed).toBe(true);
  });

  it('may be stopped before it started, and stays so', async () => {
    const { discovery, known } = await bench();
    const seen = record(discovery);
    await discovery.stop();
    expect(seen.completed).toBe(true);
    await discovery.start();
    expect(await discovery.locate(known.peerId, active)).toEqual([]);
    expect(seen.candidates).toEqual([]);
  });

  it('is over for whoever subscribes after the stop', async () => {
    const { discovery } = await started();
    await discovery.stop();
    expect(record(discovery)).toEqual({ candidates: [], completed: true });
  });
}

function candidatesContract(bench: Make, started: Make): void {
  it('tells of a peer, well-formed, with a source', async () => {
    const { discovery, known, reveal } = await bench();
    const told = waitFor(discovery.candidates$, ({ address }) => address.peerId === known.peerId);
    await discovery.start();
    await reveal();
    const { address, source } = await told;
    expect(address).toEqual(known);
    expect(parsePeerAddress(formatPeerAddress(address))).toEqual(address);
    expect(source).not.toBe('');
    expect(source.length).toBeLessThanOrEqual(128);
  });

  it('tells nothing before the start and nothing after the stop', async () => {
    const { discovery, known, reveal } = await bench();
    const seen = record(discovery);
    expect(seen.candidates).toEqual([]);
    const told = waitFor(discovery.candidates$, ({ address }) => address.peerId === known.peerId);
    await discovery.start();
    await reveal();
    await told;
    await discovery.stop();
    const count = seen.candidates.length;
    await reveal();
    expect(seen.candidates).toHaveLength(count);
  });

  it('does not repeat the past to whoever comes late', async () => {
    const { discovery, known, reveal } = await started();
    const told = waitFor(discovery.candidates$, ({ address }) => address.peerId === known.peerId);
    await reveal();
    await told;
    await discovery.stop();
    expect(record(discovery).candidates).toEqual([]);
  });
}

function pauseContract(bench: Make, started: Make): void {
  it('tells nobody while it is paused, and goes on after that', async () => {
    const { discovery, known, reveal } = await started();
    const seen = record(discovery);
    discovery.isPaused = true;
    const before = seen.candidates.length;
    await reveal();
    expect(await settled(() => seen.candidates.length, QUIET_POLLS)).toBe(before);
    discovery.isPaused = false;
    const told = waitFor(discovery.candidates$, ({ address }) => address.peerId === known.peerId);
    await reveal();
    await told;
  });

  it('may be paused before the start', async () => {
    const { discovery, reveal } = await bench();
    const seen = record(discovery);
    expect(discovery.isPaused).toBe(false);
    discovery.isPaused = true;
    await discovery.start();
    await reveal();
    expect(await settled(() => seen.candidates.length, QUIET_POLLS)).toBe(0);
    expect(discovery.isPaused).toBe(true);
  });

  it('stays stopped, whether it is paused or resumed then', async () => {
    const { discovery, reveal } = await started();
    const seen = record(discovery);
    await reveal();
    discovery.isPaused = true;
    await discovery.stop();
    const count = seen.candidates.length;
    discovery.isPaused = false;
    await reveal();
    expect(await settled(() => seen.candidates.length, QUIET_POLLS)).toBe(count);
    expect(seen.completed).toBe(true);
  });

  it('locates a peer all the same', async () => {
    const { discovery, known, reveal } = await started();
    await reveal();
    discovery.isPaused = true;
    expect(await discovery.locate(known.peerId, active)).toContainEqual(known);
  });
}

function locateContract(bench: Make, started: Make): void {
  it('locates a peer', async () => {
    const { discovery, known, reveal } = await started();
    await reveal();
    const addresses = await discovery.locate(known.peerId, active);
    expect(addresses).toContainEqual(known);
    for (const address of addresses) {
      expect(address.peerId).toBe(known.peerId);
      expect(address.transport).not.toBe('');
    }
  });

  it('locates nobody whom it does not know', async () => {
    const { discovery, unknown, reveal } = await started();
    await reveal();
    expect(await discovery.locate(unknown, active)).toEqual([]);
  });

  it('locates nobody before the start and after the stop', async () => {
    const { discovery, known } = await bench();
    expect(await discovery.locate(known.peerId, active)).toEqual([]);
    await discovery.start();
    await discovery.stop();
    expect(await discovery.locate(known.peerId, active)).toEqual([]);
  });

  it('gives up when it is cancelled before', async () => {
    const { discovery, known } = await started();
    await expect(discovery.locate(known.peerId, { signal: AbortSignal.abort() })).rejects.toMatchObject({
      code: 'NETWORK.CANCELLED',
    });
  });

  it('gives up when it is cancelled meanwhile, or is stopped', async () => {
    const { discovery, unknown, reveal, silence } = await started();
    await reveal();
    silence?.();
    const controller = new AbortController();
    const codeOf = (error: unknown) => (error instanceof NetworkError ? error.code : error);
    const cancelled = discovery.locate(unknown, { signal: controller.signal }).catch(codeOf);
    const stopped = discovery.locate(unknown, active).catch(codeOf);
    controller.abort();
    // A way that asks nobody answers at once, before it can be cancelled.
    const expected = silence === undefined ? [] : 'NETWORK.CANCELLED';
    expect(await cancelled).toEqual(expected);
    await discovery.stop();
    expect(await stopped).toEqual(expected);
  });
}

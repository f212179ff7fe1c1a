import { setTimeout as pause } from 'node:timers/promises';
import { type Arena, attackerAddress } from '../arena.js';
import type { Attack } from '../attack.js';
import { type Connection, dial, openTcp, type Stage } from '../wire/connection.js';
import { serveGrpc } from '../wire/grpc.js';
import { secp256k1Identity } from '../wire/identity.js';
import { Paths, Protocols } from '../wire/peer.js';
import type { YamuxStream } from '../wire/yamux.js';

const CONNECTIONS = 1_000;
const STAGES = ['tcp', 'multistream', 'noise', 'yamux', 'hello'] as const;
const DIAL_LIMIT_MS = 2_000;
/** The longest a handshake may take, and some time for the close to be seen. */
const DROP_LIMIT_MS = 13_000;
const SILENT = new Map([[Paths.hello as string, () => undefined]]);

interface HalfOpen {
  readonly stage: string;
  readonly openedAt: number;
  readonly lastedMs: () => number;
}

/** Connections that stop at each stage of their handshake, from many addresses. */
export const halfOpen: Attack = {
  name: 'half-open',
  source: 'slowloris',
  limit: '1,000 held: an honest dial ≤ 2 s; each dropped in ≤ 10 s (+ 3)',
  run: async (arena) => {
    const held: HalfOpen[] = [];
    let refused = 0;
    const dials: number[] = [];
    for (let i = 0; i < arena.count(CONNECTIONS); i += 1) {
      const stage = STAGES[i % STAGES.length] ?? 'tcp';
      const one = await hold(arena, stage, attackerAddress(100 + (i % 100), 1 + Math.floor(i / 100)));
      if (one) held.push(one);
      else refused += 1;
      if (i % arena.count(250) === 0) dials.push(await arena.honestDial());
    }
    dials.push(await arena.honestDial());
    await pause(DROP_LIMIT_MS);
    const lasting = held.filter(({ lastedMs }) => lastedMs() > DROP_LIMIT_MS).map(({ stage }) => stage);
    const longest = Math.max(0, ...held.map(({ lastedMs }) => lastedMs()));
    const slowest = Math.max(...dials);
    return {
      figure: `${held.length} held, ${refused} refused at once, honest dial ${Math.round(slowest)} ms at most, held for ${Math.round(longest)} ms at most${lasting.length > 0 ? `, ${lasting.length} not dropped (${[...new Set(lasting)].join(', ')})` : ''}`,
      ok: slowest <= DIAL_LIMIT_MS && lasting.length === 0,
    };
  },
};

async function hold(arena: Arena, stage: Stage | 'hello', from: string): Promise<HalfOpen | undefined> {
  const openedAt = performance.now();
  let closedAt: number | undefined;
  try {
    const connection = await stalled(arena.port, stage, from);
    void connection.closed.then(() => {
      closedAt = performance.now();
    });
    return { stage, openedAt, lastedMs: () => (closedAt ?? performance.now()) - openedAt };
  } catch {
    return undefined;
  }
}

async function stalled(port: number, stage: Stage | 'hello', from: string): Promise<Connection> {
  if (stage === 'yamux' || stage === 'hello') {
    // At the one, streams stay unanswered; at the other, Hello does.
    const serve = (stream: YamuxStream) => serveGrpc(stream, SILENT);
    const handlers = stage === 'hello' ? new Map([[Protocols.identity as string, serve]]) : new Map();
    const { connection, yamux } = await dial({ identity: secp256k1Identity(), port, from, handlers });
    if (stage === 'yamux') yamux.link.inbox.flowTo(() => {});
    return connection;
  }
  const connection = await openTcp({ port, from });
  await connection.stallAt(stage);
  return connection;
}

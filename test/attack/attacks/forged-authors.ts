import { randomBytes } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { type Arena, attackerAddress, within } from '../arena.js';
import type { Attack } from '../attack.js';
import { publication, rpc, sequenceNumber, subscription } from '../wire/gossip.js';
import { type Identity, secp256k1Identity } from '../wire/identity.js';
import { Protocols } from '../wire/peer.js';
import type { YamuxStream } from '../wire/yamux.js';

/** The victim listens to it. */
const TOPIC = 'attack/0.1';
const MESSAGES = 10_000;
/** So few from each neighbour that its allowance does not hide what the check of signatures does. */
const MESSAGES_PER_NEIGHBOUR = 400;

/** Ways to speak in another's name; the index is the message's. */
function forgery(index: number, attacker: Identity, author: Identity): Buffer {
  const parts = { from: author.id, data: randomBytes(16), seqno: sequenceNumber(), topic: TOPIC };
  const cut = (data: Uint8Array) => author.sign(data).subarray(0, -3);
  switch (index % 5) {
    case 0: // signed by the attacker
      return publication(parts, attacker.sign);
    case 1: // with the attacker's key beside it
      return publication({ ...parts, key: attacker.publicKey }, attacker.sign);
    case 2: // a signature with its end missing
      return publication(parts, cut);
    case 3: // an author named by a hash, which any key beside it must match
      return publication(
        {
          ...parts,
          from: Buffer.concat([Buffer.from([0x12, 32]), randomBytes(32)]),
          key: attacker.publicKey,
        },
        attacker.sign,
      );
    default: // nothing at all
      return publication(parts, () => Buffer.alloc(0));
  }
}

/** Messages whose author did not write them; a height that is believed from one would mislead sync. */
export const forgedAuthors: Attack = {
  name: 'forged-authors',
  source: 'GHSA-c3gv-825q-fvmp',
  limit: '0 of 10,000 delivered, while an honest message is',
  run: async (arena) => {
    const author = secp256k1Identity();
    const isHeard = await publishHonestly(arena);
    const before = await arena.ask<number>('delivered');
    const total = arena.count(MESSAGES);
    let sent = 0;
    for (let neighbour = 0; sent < total; neighbour += 1) {
      const peer = arena.peer();
      const stream = await joinTopic(arena, peer, attackerAddress(2, 1 + neighbour));
      const messages = Array.from({ length: Math.min(MESSAGES_PER_NEIGHBOUR, total - sent) }, (_, i) =>
        forgery(i, peer.identity, author),
      );
      for (const message of messages) stream.write(rpc(message));
      sent += messages.length;
      await pause(200);
      peer.close();
    }
    await pause(1_000);
    const delivered = (await arena.ask<number>('delivered')) - before;
    return {
      figure: `${delivered} of ${sent} delivered, honest one ${isHeard ? 'was' : 'was NOT'}`,
      ok: delivered === 0 && isHeard,
    };
  },
};

async function joinTopic(arena: Arena, peer: ReturnType<Arena['peer']>, from: string): Promise<YamuxStream> {
  const { yamux } = await arena.join(peer, from);
  const stream = yamux.open(Protocols.gossip);
  await stream.agreed;
  stream.write(rpc(subscription(TOPIC)));
  return stream;
}

async function publishHonestly(arena: Arena): Promise<boolean> {
  const peer = arena.peer();
  const { id, sign } = peer.identity;
  const stream = await joinTopic(arena, peer, attackerAddress(3));
  const message = publication(
    { from: id, data: randomBytes(16), seqno: sequenceNumber(), topic: TOPIC },
    sign,
  );
  stream.write(rpc(message));
  return within(3_000, async () => (await arena.ask<number>('delivered')) > 0);
}

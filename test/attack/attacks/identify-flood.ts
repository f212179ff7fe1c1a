import { setTimeout as pause } from 'node:timers/promises';
import { attackerAddress, MEGABYTE, megabytes } from '../arena.js';
import type { Attack } from '../attack.js';
import { tcpAddressBytes } from '../wire/encoding.js';
import { identifyMessage, Protocols } from '../wire/peer.js';

const PROTOCOLS = 1_800;
const ADDRESSES = 10_000;
/** A library reads ten messages of 8 KiB at most; what fits in them is tried first, then all. */
const MESSAGE_BYTES = 8_000;
const ADDRESSES_THAT_FIT = 5_500;
const PUSHES = 10;
const GROWTH_LIMIT = 32 * MEGABYTE;
const LIMITS = { protocols: 100, addresses: 32 };

/** What identify says of an attacker, cut to messages that are not too long. */
function flood(protocolCount: number, addressCount: number, offset: number): Buffer {
  const messages: Buffer[] = [];
  let protocols: string[] = [];
  let addresses: Buffer[] = [];
  let bytes = 0;
  const cut = () => {
    messages.push(identifyMessage(protocols, addresses));
    protocols = [];
    addresses = [];
    bytes = 0;
  };
  for (let i = offset; i < offset + protocolCount + addressCount; i += 1) {
    if (i < offset + protocolCount) protocols.push(`/a/${i}`);
    else addresses.push(tcpAddressBytes(`8.${i >> 16}.${(i >> 8) & 255}.${i & 255}`, 4_001));
    bytes += 12;
    if (bytes > MESSAGE_BYTES - 50) cut();
  }
  cut();
  return Buffer.concat(messages);
}

/** A peer that claims to speak and to listen everywhere, first when asked and then again and again by itself. */
export const identifyFlood: Attack = {
  name: 'identify-flood',
  source: 'CVE-2026-57497',
  limit: '≤ 100 protocols and ≤ 32 addresses kept; + ≤ 32 MB',
  honestBytes: 2_000_000,
  run: async (arena) => {
    const protocolCount = arena.count(PROTOCOLS);
    const kept = { protocols: 0, addresses: 0 };
    const growth = await arena.growth(async () => {
      const peer = arena.peer({ identify: () => flood(protocolCount, arena.count(ADDRESSES_THAT_FIT), 0) });
      const { yamux } = await arena.join(peer, attackerAddress(30));
      const note = async () => {
        await pause(300);
        const { protocols, addresses } = await arena.ask<Record<keyof typeof kept, string[]>>(
          'describe',
          peer.identity.peerId,
        );
        kept.protocols = Math.max(kept.protocols, protocols.length);
        kept.addresses = Math.max(kept.addresses, addresses.length);
      };
      await note();
      for (let i = 1; i <= PUSHES; i += 1) {
        const stream = yamux.open(Protocols.identifyPush);
        const addresses = arena.count(i % 2 === 0 ? ADDRESSES : ADDRESSES_THAT_FIT);
        stream.write(flood(protocolCount, addresses, i * 20_000));
        stream.end();
        await note();
      }
    });
    return {
      figure: `${kept.protocols} protocols, ${kept.addresses} addresses kept, + ${megabytes(growth)}`,
      ok: kept.protocols <= LIMITS.protocols && kept.addresses <= LIMITS.addresses && growth <= GROWTH_LIMIT,
    };
  },
};

import { explainBan } from './explain-ban.js';
import { explainConnection } from './explain-connection.js';
import { explainSource } from './explain-source.js';
import { type Explanation, inOneLine, type PeerFacts } from './explanation.js';

/** Why a peer is connected, banned and read from, or not. Decides by the facts alone. */
export function explainPeer(facts: PeerFacts): Explanation {
  return {
    connection: explainConnection(facts),
    ban: explainBan(facts),
    syncSource: explainSource(facts),
  };
}

/** What matters most: why it is away, or what it is for us. */
export function summaryOf({ connection, syncSource }: Explanation): string {
  if (!connection.yes) return `not connected: ${inOneLine(connection)}`;
  return `connected; ${syncSource.yes ? 'a sync source' : `not a sync source: ${inOneLine(syncSource)}`}`;
}

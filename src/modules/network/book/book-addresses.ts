import { MAX_PEER_ADDRESSES, type StoredAddress } from '../ports/peer-store.port.js';

/** Failures in a row after which an address is thought to be gone. */
const MAX_FAILURES = 3;

/** Adds what was heard of; when there is no room, only an address that failed gives way, so that rumours do not drown what may be true. */
export function withRumour(addresses: readonly StoredAddress[], transport: string): readonly StoredAddress[] {
  if (addresses.some((known) => known.transport === transport)) return addresses;
  const worst = addresses.at(-1);
  const isFull = addresses.length >= MAX_PEER_ADDRESSES;
  if (isFull && (worst === undefined || worst.failures === 0 || isGood(worst))) return addresses;
  return bestFirst([...(isFull ? addresses.slice(0, -1) : addresses), { transport, failures: 0 }]);
}

/** A dial there led to the peer: it comes first, and gets in in any case. */
export function withReached(
  addresses: readonly StoredAddress[],
  transport: string,
  reachedAtMs: number,
): readonly StoredAddress[] {
  const others = addresses.filter((known) => known.transport !== transport);
  return bestFirst([{ transport, reachedAtMs, failures: 0 }, ...others]).slice(0, MAX_PEER_ADDRESSES);
}

/** A dial there failed; nothing changes for an address that is not known. */
export function withFailure(
  addresses: readonly StoredAddress[],
  transport: string,
): readonly StoredAddress[] {
  return bestFirst(
    addresses.map((known) =>
      known.transport === transport ? { ...known, failures: known.failures + 1 } : known,
    ),
  );
}

/** When a dial to any of them last led to the peer; undefined: never. */
export function lastReachedAtMs(addresses: readonly StoredAddress[]): number | undefined {
  const times = addresses.flatMap(({ reachedAtMs }) => reachedAtMs ?? []);
  return times.length === 0 ? undefined : Math.max(...times);
}

/** Those that worked, then those never tried, then those that fail; among equals the order stays. */
function bestFirst(addresses: readonly StoredAddress[]): readonly StoredAddress[] {
  return [...addresses].sort(
    (a, b) => rankOf(a) - rankOf(b) || a.failures - b.failures || (b.reachedAtMs ?? 0) - (a.reachedAtMs ?? 0),
  );
}

function rankOf(address: StoredAddress): number {
  if (isGood(address)) return 0;
  return address.failures < MAX_FAILURES ? 1 : 2;
}

function isGood({ reachedAtMs, failures }: StoredAddress): boolean {
  return reachedAtMs !== undefined && failures < MAX_FAILURES;
}

import { errorText } from '../../../common/app-error.js';
import { parsePeerId } from '../address/peer-id.js';
import { NetworkError } from '../network.errors.js';
import type { BanTarget } from '../ports/peer-store.port.js';
import { formatCidr, parseIpNetwork } from './ip-network.js';

const MAX_TEXT_LENGTH = 128;

/**
 * A peer ID, an IP address or a CIDR. The same target always gives the same result: host bits are cleared, and IPv4
 * spelled as IPv6 is IPv4.
 * @throws {NetworkError} NETWORK.BAD_BAN_TARGET
 */
export function parseBanTarget(text: string): BanTarget {
  const network = text.length > MAX_TEXT_LENGTH ? undefined : parseIpNetwork(text);
  if (network !== undefined) return { kind: 'network', cidr: formatCidr(network) };
  try {
    return { kind: 'peer', peerId: parsePeerId(text) };
  } catch (cause) {
    const isNetwork = /[.:/]/.test(text);
    const reason = isNetwork ? 'neither an IP address nor a CIDR' : errorText(cause);
    throw badBanTarget(text, reason, cause);
  }
}

export function badBanTarget(target: string, reason: string, cause?: unknown): NetworkError {
  const shown = target.slice(0, MAX_TEXT_LENGTH);
  return new NetworkError({ code: 'NETWORK.BAD_BAN_TARGET', target: shown, reason }, cause);
}

/** The peer ID or CIDR; no two targets share one. */
export function targetName(target: BanTarget): string {
  return target.kind === 'peer' ? target.peerId : target.cidr;
}

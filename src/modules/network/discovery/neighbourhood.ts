import { isPublic } from '../address/reachability.js';
import { subnetOf } from '../address/subnet.js';

/**
 * What one party can be expected to hold whole, so that limits go by it: the /24 or /56 of an IP address, or a host name.
 *
 * @param countsLocal whether loopback and private addresses have one too
 * @returns undefined for addresses without limits
 */
export function neighbourhoodOf(transport: string, countsLocal: boolean): string | undefined {
  if (!countsLocal && !isPublic(transport)) return undefined;
  const [, family, host] = transport.split('/');
  if (family?.startsWith('dns')) return host?.toLowerCase().replace(/\.$/, '');
  return subnetOf(transport);
}

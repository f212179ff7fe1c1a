const MAPPED = /^::ffff:(?=\d+\.\d+\.\d+\.\d+$)/i;

/** Whether the IP address is in 127.0.0.0/8 or is ::1. */
export function isLoopbackIp(ip: string): boolean {
  return /^127(\.\d{1,3}){3}$/.test(plainIp(ip)) || ip === '::1';
}

/** The same of what a program listens on, which may be a name. */
export function isLoopbackHost(host: string): boolean {
  return host === 'localhost' || isLoopbackIp(host);
}

/**
 * Where limits by address count: an IPv4 address, or the first four groups of an IPv6 one, with zeros for what `::`
 * stands for, as whoever holds one IPv6 address holds its /64.
 */
export function siteOf(ip: string): string {
  const address = plainIp(ip);
  if (!address.includes(':')) return address;
  const [head = ''] = address.split('::');
  return [...head.split(':'), '0', '0', '0', '0'].slice(0, 4).join(':');
}

/** A socket of both families shows IPv4 addresses as ::ffff:1.2.3.4. */
function plainIp(ip: string): string {
  return ip.replace(MAPPED, '');
}

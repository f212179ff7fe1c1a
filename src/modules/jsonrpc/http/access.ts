import { isIP } from 'node:net';
import { plainIp } from '../../../common/ip-address.js';

export interface AccessOptions {
  /** As configured: beside the names of loopback and addresses. */
  readonly allowedHosts: readonly string[];
  /** `*` is any. */
  readonly allowedOrigins: readonly string[];
}

const LOOPBACK_NAMES = ['localhost', '127.0.0.1', '::1'];

/**
 * Who may call from a web page, and under which name this node is reached. A page whose name was rebound to our address
 * gives its own name as host, and a page of another site gives its origin.
 */
export class Access {
  private readonly hosts: ReadonlySet<string>;
  private readonly origins: ReadonlySet<string>;

  constructor({ allowedHosts, allowedOrigins }: AccessOptions) {
    this.hosts = new Set([...LOOPBACK_NAMES, ...allowedHosts.map((host) => host.toLowerCase())]);
    this.origins = new Set(allowedOrigins.map((origin) => origin.toLowerCase().replace(/\/$/, '')));
  }

  /**
   * @param host The header.
   * @param localAddress Our end of the connection: an address in the place of a name is right when it is this one.
   */
  allowsHost(host: string | undefined, localAddress: string | undefined): boolean {
    const name = hostName(host ?? '');
    if (name === undefined) return false;
    if (this.hosts.has(name)) return true;
    return isIP(name) !== 0 && name === plainIp(localAddress ?? '').toLowerCase();
  }

  /** Without the header it is no web page. */
  allowsOrigin(origin: string | undefined): boolean {
    return origin === undefined || this.origins.has('*') || this.origins.has(origin.toLowerCase());
  }
}

/** Without port and brackets, in lower case; undefined for what is no host. */
function hostName(host: string): string | undefined {
  const match = /^(?:\[([0-9a-f:.]+)\]|([a-z0-9._-]+))(?::\d{1,5})?$/i.exec(host);
  return (match?.[1] ?? match?.[2])?.toLowerCase().replace(/\.$/, '');
}

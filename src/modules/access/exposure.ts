import { isLoopbackHost } from '../../common/ip-address.js';
import { AccessError } from './access.errors.js';

/** Who can reach the operator port, and read along: nobody else, nobody, or the network. `open` is to be warned of. */
export type Exposure = 'loopback' | 'encrypted' | 'open';

/**
 * Whether the operator port may be opened on `host`.
 * @throws {AccessError} ACCESS.PLAINTEXT_EXPOSED without encryption beyond loopback, unless that is allowed expressly
 */
export function checkExposure({
  host,
  hasTls,
  insecureAllowed,
}: {
  readonly host: string;
  readonly hasTls: boolean;
  readonly insecureAllowed: boolean;
}): Exposure {
  if (hasTls) return 'encrypted';
  if (isLoopbackHost(host)) return 'loopback';
  if (!insecureAllowed) throw new AccessError({ code: 'ACCESS.PLAINTEXT_EXPOSED', host });
  return 'open';
}

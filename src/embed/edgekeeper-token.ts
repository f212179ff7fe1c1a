import type { InjectionToken } from '@nestjs/common';

/** The node of an application that has one. */
export const DEFAULT_NAME = 'default';

/**
 * What to inject for a port (`CHAIN`, `PEERS`, …) or for `Edgekeeper` itself.
 * @param name Of the node, as given to `EdgekeeperModule`; without it the token is the port's own.
 */
export function getEdgekeeperToken(port: InjectionToken, name = DEFAULT_NAME): InjectionToken {
  return name === DEFAULT_NAME ? port : `edgekeeper:${name}:${nameOf(port)}`;
}

function nameOf(port: InjectionToken): string {
  if (typeof port === 'symbol') return port.description ?? '';
  return typeof port === 'function' ? port.name : String(port);
}

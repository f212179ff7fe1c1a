import type { ModulesContainer } from '@nestjs/core';
import { ConfigError } from '../config/config.errors.js';
import { DEFAULT_NAME } from './edgekeeper-token.js';

/** What the node is called that a module of the host is for. */
export const NODE_NAME = Symbol('EDGEKEEPER_NODE_NAME');

/**
 * Nodes of one name have the same tokens, so that one would be injected for the other. Modules are described by static
 * calls that know nothing of the application: only its container has them all, once Nest makes providers. Each node looks
 * at the names of all, since one of another name would stay open.
 * @throws {ConfigError} CONFIG.INVALID with every name that several nodes of the application have
 */
export function refuseSameNames(modules: ModulesContainer): void {
  const counts = new Map<string, number>();
  for (const { providers } of modules.values()) {
    const name = providers.get(NODE_NAME)?.instance as string | undefined;
    if (name !== undefined) counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  const faults = [...counts].flatMap(([name, count]) => {
    const what = name === DEFAULT_NAME ? 'no name' : `the name "${name}"`;
    const text = `name: ${count} nodes of this application have ${what}; give each a name of its own`;
    return count > 1 ? [{ source: 'name', text }] : [];
  });
  if (faults.length > 0) throw new ConfigError({ code: 'CONFIG.INVALID', faults });
}

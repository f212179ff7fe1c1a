/** The module's own logger: every line says `network`. */
export const NETWORK_LOG = Symbol('NETWORK_LOG');

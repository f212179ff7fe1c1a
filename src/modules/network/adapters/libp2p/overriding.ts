/**
 * The same object with some of its members replaced, for one user of it; the object itself stays as it is. Members are
 * defined, not assigned: libp2p's components would pass an assignment on to everyone.
 */
export function overriding<T extends object>(real: T, own: Partial<T>): T {
  return Object.create(real, Object.getOwnPropertyDescriptors(own));
}

/**
 * libp2p 3 calls Promise.withResolvers, which Node 20 lacks. Must be the first import of every entry. Defined as newer
 * versions of Node define it, so that others in the process see no difference.
 */
if (typeof Promise.withResolvers !== 'function') {
  function withResolvers<T>(this: PromiseConstructor) {
    let resolve!: (value: T | PromiseLike<T>) => void;
    let reject!: (reason?: unknown) => void;
    const promise = new Promise<T>((yes, no) => {
      resolve = yes;
      reject = no;
    });
    return { promise, resolve, reject };
  }
  Object.defineProperty(Promise, 'withResolvers', {
    value: withResolvers,
    writable: true,
    configurable: true,
  });
}

export {};

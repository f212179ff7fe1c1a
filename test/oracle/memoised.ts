/** What `make` gave for the same bytes; for costly values that many cases share. */
export function memoised<T>(make: (bytes: Uint8Array) => T): (bytes: Uint8Array) => T {
  const made = new Map<string, T>();
  return (bytes) => {
    const key = Buffer.from(bytes).toString('hex');
    const value = made.get(key) ?? make(bytes);
    made.set(key, value);
    return value;
  };
}

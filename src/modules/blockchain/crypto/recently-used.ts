/** What was costly to make, kept under a key: the `limit` values that were asked for last. */
export class RecentlyUsed<V> {
  private readonly values = new Map<string, { readonly value: V }>();

  constructor(private readonly limit: number) {}

  /** The value under `key`, made if need be. */
  get(key: string, make: () => V): V {
    const entry = this.values.get(key) ?? { value: make() };
    // A map keeps the order of insertion: the first is the one unused for longest.
    this.values.delete(key);
    this.values.set(key, entry);
    for (const oldest of this.values.keys()) {
      if (this.values.size <= this.limit) break;
      this.values.delete(oldest);
    }
    return entry.value;
  }
}

interface Place<T> {
  readonly item: T;
  readonly price: bigint;
  /** Counts up, to tell the older of two that pay the same. */
  readonly turn: number;
}

/** Items by what they pay, the older first among equals: a binary heap that knows where each of them stands. */
export class PriceOrder<T> {
  private readonly heap: Place<T>[] = [];
  private readonly positions = new Map<T, number>();
  private turns = 0;

  get size(): number {
    return this.heap.length;
  }

  /** An item is added once. */
  add(item: T, price: bigint): void {
    this.rise(this.heap.length, { item, price, turn: this.turns++ });
  }

  delete(item: T): void {
    const position = this.positions.get(item);
    const last = position === undefined ? undefined : this.heap.pop();
    if (position === undefined || last === undefined) return;
    this.positions.delete(item);
    if (last.item === item) return;
    this.sink(position, last);
    this.rise(this.positions.get(last.item) ?? position, last);
  }

  /** Costs little for the first few: those that may come next are searched one by one. */
  *cheapestFirst(): Generator<{ readonly item: T; readonly price: bigint }> {
    const next = this.heap.slice(0, 1).map((place) => ({ place, position: 0 }));
    while (next.length > 0) {
      const least = next.reduce((a, b) => (isBefore(b.place, a.place) ? b : a));
      next.splice(next.indexOf(least), 1);
      yield least.place;
      for (const position of [2 * least.position + 1, 2 * least.position + 2]) {
        const place = this.heap[position];
        if (place !== undefined) next.push({ place, position });
      }
    }
  }

  private rise(from: number, place: Place<T>): void {
    let position = from;
    while (position > 0) {
      const above = (position - 1) >> 1;
      const parent = this.heap[above];
      if (parent === undefined || !isBefore(place, parent)) break;
      this.put(position, parent);
      position = above;
    }
    this.put(position, place);
  }

  private sink(from: number, place: Place<T>): void {
    let position = from;
    for (;;) {
      const [left, right] = [this.heap[2 * position + 1], this.heap[2 * position + 2]];
      if (left === undefined) break;
      const isRight = right !== undefined && isBefore(right, left);
      const child = isRight ? right : left;
      if (!isBefore(child, place)) break;
      this.put(position, child);
      position = 2 * position + (isRight ? 2 : 1);
    }
    this.put(position, place);
  }

  private put(position: number, place: Place<T>): void {
    this.heap[position] = place;
    this.positions.set(place.item, position);
  }
}

function isBefore(a: Place<unknown>, b: Place<unknown>): boolean {
  return a.price === b.price ? a.turn < b.turn : a.price < b.price;
}

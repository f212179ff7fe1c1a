/** Who is connected to whom, by number. */
export type Graph = ReadonlyMap<number, ReadonlySet<number>>;

/** Sizes of the connected parts, largest first. */
export function parts(graph: Graph): number[] {
  const left = new Set(graph.keys());
  const sizes: number[] = [];
  for (const start of graph.keys()) {
    if (!left.has(start)) continue;
    const reached = distances(graph, start);
    for (const node of reached.keys()) left.delete(node);
    sizes.push(reached.size);
  }
  return sizes.sort((a, b) => b - a);
}

/** The longest shortest way between two nodes of the same part. */
export function diameter(graph: Graph): number {
  let longest = 0;
  for (const start of graph.keys()) {
    for (const distance of distances(graph, start).values()) longest = Math.max(longest, distance);
  }
  return longest;
}

function distances(graph: Graph, start: number): Map<number, number> {
  const reached = new Map([[start, 0]]);
  // A Map walks on over what is added on the way, which makes it the queue as well.
  for (const [node, distance] of reached) {
    for (const neighbour of graph.get(node) ?? []) {
      if (!reached.has(neighbour)) reached.set(neighbour, distance + 1);
    }
  }
  return reached;
}

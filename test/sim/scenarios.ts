import { World, type WorldOptions, type WorldState } from './world.js';

/** What a scenario showed. Times are simulated ms; undefined = it did not happen within ten minutes. */
export interface Outcome {
  readonly scenario: string;
  readonly nodes: number;
  readonly connectedMs: number | undefined;
  /** Until every outbound slot was held or the node had no candidate left. */
  readonly settledMs: number | undefined;
  readonly state: WorldState;
  /** Calls per node up to then: Hello and FindPeers. */
  readonly callsPerNode: number;
}

export type Scenario = (options: WorldOptions) => Promise<Outcome>;

/** Nodes that start within ten seconds of each other. */
export const start: Scenario = (options) => measured('start', options, async () => {});

/** The same as the Go client does it: a node that is full closes the door without a word. */
export const doorSlamming: Scenario = (options) =>
  measured(
    'start, full nodes say nothing',
    { ...options, config: { ...options.config, courtesySlots: 0 } },
    async () => {},
  );

/** Half of the nodes cannot be dialed. */
export const nated: Scenario = (options) =>
  measured('start, half behind NAT', { ...options, natedShare: 0.5 }, async () => {});

/** A fifth of the nodes goes and as many new ones come, once the network has settled. */
export const churn: Scenario = (options) =>
  measured('20 % churn', options, async (world) => {
    await settle(world);
    const { nodes, bootnodes = 3 } = options;
    const leaving = new Set<number>();
    while (leaving.size < Math.floor((nodes - bootnodes) / 5)) {
      leaving.add(bootnodes + world.random.below(nodes - bootnodes));
    }
    for (const n of leaving) await world.remove(n);
    for (const n of leaving) await world.add(n + nodes);
  });

/** Two halves do not reach each other for five minutes. */
export const partition: Scenario = (options) =>
  measured('partition, healed', options, async (world) => {
    await settle(world);
    world.network.divide((peerId) => peerId.charCodeAt(peerId.length - 1) % 2);
    await world.cut();
    await world.network.clock.advance(300_000);
    world.network.heal();
  });

async function measured(
  scenario: string,
  options: WorldOptions,
  disturb: (world: World) => Promise<void>,
): Promise<Outcome> {
  const world = new World(options);
  try {
    await world.start(10_000);
    await disturb(world);
    const before = world.state();
    const connectedMs = await world.until(() => world.isConnected());
    const restMs = connectedMs === undefined ? undefined : await world.until(() => world.isSettled());
    const state = world.state();
    const calls =
      state.hellos + state.queries - (scenario.startsWith('start') ? 0 : before.hellos + before.queries);
    return {
      scenario,
      nodes: options.nodes,
      connectedMs,
      settledMs: connectedMs === undefined || restMs === undefined ? undefined : connectedMs + restMs,
      state,
      callsPerNode: calls / options.nodes,
    };
  } finally {
    await world.stop();
  }
}

async function settle(world: World): Promise<void> {
  await world.until(() => world.isConnected() && world.isSettled());
}

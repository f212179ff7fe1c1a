// npm run sim: how networks of our nodes come together, on simulated time. Arguments: how many nodes, or nothing for all sizes.
import 'reflect-metadata';
import '../../src/polyfill.js';
import { churn, doorSlamming, nated, type Outcome, partition, start } from './scenarios.js';

const SIZES = [10, 100, 1_000];
const SEED = 1;
const SCENARIOS = [start, doorSlamming, nated, churn, partition];

const sizes = process.argv.length > 2 ? process.argv.slice(2).map(Number) : SIZES;
const outcomes: Outcome[] = [];
console.log(
  row(['scenario', 'nodes', 'connected', 'settled', 'parts', 'free out', 'diameter', 'calls/node']),
);
for (const scenario of SCENARIOS) {
  for (const nodes of sizes) {
    const outcome = await scenario({ nodes, seed: SEED });
    outcomes.push(outcome);
    console.log(row(cellsOf(outcome)));
  }
}
// The door-slamming network is there for comparison and has no goal.
const isGood = ({ scenario, connectedMs, settledMs }: Outcome) =>
  scenario.includes('say nothing') || (connectedMs !== undefined && settledMs !== undefined);
process.exitCode = outcomes.every(isGood) ? 0 : 1;

function cellsOf({ scenario, nodes, connectedMs, settledMs, state, callsPerNode }: Outcome): string[] {
  return [
    scenario,
    String(nodes),
    seconds(connectedMs),
    seconds(settledMs),
    String(state.parts.length),
    String(state.hungry),
    String(state.diameter),
    callsPerNode.toFixed(1),
  ];
}

function seconds(ms: number | undefined): string {
  return ms === undefined ? 'never' : `${(ms / 1_000).toFixed(0)} s`;
}

function row([first = '', ...others]: string[]): string {
  return first.padEnd(30) + others.map((cell) => cell.padStart(12)).join('');
}

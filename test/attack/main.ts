import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { Arena } from './arena.js';
import type { Attack } from './attack.js';
import { ATTACKS } from './attacks/index.js';
import { Child } from './child.js';

const HONEST = new URL('./honest.js', import.meta.url).pathname;
/** Slowest answer that an honest peer may get while the node is attacked, ms. */
const SERVICE_LIMIT_MS = 2_000;
/** Longest that one attack may take; most take seconds. */
const ATTACK_TIMEOUT_MS = 120_000;

interface Result {
  readonly attack: string;
  readonly source: string;
  readonly figure: string;
  readonly limit: string;
  readonly verdict: 'holds' | 'FAILS';
}

/** Runs the attacks that were named, all without names. @returns the exit code */
export async function main(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      json: { type: 'boolean', default: false },
      scale: { type: 'string', default: '1' },
      'warm-up': { type: 'string', default: '30' },
    },
  });
  const chosen = choose(positionals);
  if (chosen === undefined) return 2;
  const { child: honest } = await Child.start(HONEST, {});
  const arenas = await warmedUp(chosen, honest, Number(values.scale), Number(values['warm-up']));
  const results: Result[] = [];
  for (const attack of chosen) {
    const arena = arenas.get(attack) ?? (await Arena.start(attack, honest, Number(values.scale)));
    const result = await carryOut(attack, arena);
    results.push(result);
    if (!values.json) console.log(row(result));
    await arena.close();
  }
  await honest.stop();
  if (values.json)
    console.log(JSON.stringify({ node: process.version, scale: values.scale, results }, undefined, 2));
  return results.every(({ verdict }) => verdict === 'holds') ? 0 : 1;
}

function choose(names: readonly string[]): readonly Attack[] | undefined {
  const unknown = names.filter((name) => !ATTACKS.some((attack) => attack.name === name));
  if (unknown.length === 0) return ATTACKS.filter(({ name }) => names.length === 0 || names.includes(name));
  console.error(
    `no such attack: ${unknown.join(', ')}; there are ${ATTACKS.map(({ name }) => name).join(', ')}`,
  );
  return undefined;
}

/** Nodes whose memory will be measured, all after honest traffic at the same time. */
async function warmedUp(
  attacks: readonly Attack[],
  honest: Child,
  scale: number,
  seconds: number,
): Promise<Map<Attack, Arena>> {
  const arenas = new Map<Attack, Arena>();
  for (const attack of attacks)
    if (attack.honestBytes !== undefined) arenas.set(attack, await Arena.start(attack, honest, scale));
  await Promise.all(
    [...arenas].map(([{ honestBytes = 0 }, arena]) => arena.warmUp(honestBytes * scale, seconds)),
  );
  return arenas;
}

async function carryOut(attack: Attack, arena: Arena): Promise<Result> {
  const { name, source, limit } = attack;
  const verdict = (ok: boolean) => (ok ? 'holds' : 'FAILS');
  try {
    await arena.startService();
    const { figure, ok } = await Promise.race([attack.run(arena), overdue()]);
    const { calls, failures, longestMs } = await arena.endService();
    const isServed = failures === 0 && longestMs <= SERVICE_LIMIT_MS;
    const service = `honest peer: ${failures} of ${calls} failed, ${Math.round(longestMs)} ms at most`;
    return { attack: name, source, figure: `${figure}; ${service}`, limit, verdict: verdict(ok && isServed) };
  } catch (error) {
    return { attack: name, source, figure: String(error), limit, verdict: 'FAILS' };
  }
}

async function overdue(): Promise<never> {
  await pause(ATTACK_TIMEOUT_MS, undefined, { ref: false });
  throw new Error(`not over after ${ATTACK_TIMEOUT_MS / 1_000} s`);
}

function row({ attack, figure, limit, verdict }: Result): string {
  return `| ${attack} | ${figure} | ${limit} | ${verdict} |`;
}

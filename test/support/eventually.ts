import { setTimeout as pause } from 'node:timers/promises';

const POLL_MS = 5;

/**
 * Polls until `check` is true; for facts that nothing announces.
 * @throws with what `describe` says when `timeoutMs` is over; long by default, for machines that have other work beside.
 */
export async function eventually(
  check: () => boolean | Promise<boolean>,
  {
    timeoutMs = 60_000,
    describe = () => 'condition never held',
  }: { timeoutMs?: number; describe?: () => string } = {},
): Promise<void> {
  const deadlineMs = performance.now() + timeoutMs;
  while (!(await check())) {
    if (performance.now() > deadlineMs) throw new Error(describe());
    await pause(POLL_MS);
  }
}

/** The value once it stayed the same for `polls` polls: what has come to rest. */
export async function settled<T>(read: () => T, polls = 20): Promise<T> {
  let last = read();
  for (let same = 0; same < polls; ) {
    await pause(POLL_MS);
    const now = read();
    same = now === last ? same + 1 : 0;
    last = now;
  }
  return last;
}

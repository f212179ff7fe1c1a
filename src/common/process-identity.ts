import { readFileSync } from 'node:fs';
import { errorText } from './app-error.js';

// Of /proc/<pid>/stat, counted behind the name in brackets, which may hold anything.
const START_TIME_FIELD = 19;

/**
 * What tells a running process from any other that had or will have its ID: boot and start time on Linux, elsewhere only
 * that it runs. Undefined when no such process runs. (In a container the ID is nearly always the same: comparing it alone
 * would leave a folder locked for good after a kill.)
 */
export function processIdentity(pid: number): string | undefined {
  return process.platform === 'linux' ? linuxIdentity(pid) : portableIdentity(pid);
}

function linuxIdentity(pid: number): string | undefined {
  const stat = readIfThere(`/proc/${pid}/stat`);
  const started = stat?.slice(stat.lastIndexOf(')') + 2).split(' ')[START_TIME_FIELD];
  if (started === undefined) return undefined;
  return `${readIfThere('/proc/sys/kernel/random/boot_id')?.trim() ?? ''}/${started}`;
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (/ENOENT|ESRCH|EACCES/.test(errorText(error))) return undefined;
    throw error;
  }
}

/** Signal 0 only asks. */
export function portableIdentity(pid: number): string | undefined {
  try {
    process.kill(pid, 0);
    return 'running';
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM' ? 'running' : undefined;
  }
}

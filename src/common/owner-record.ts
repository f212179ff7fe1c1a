import { processIdentity } from './process-identity.js';

/** What this process leaves in a folder that it uses alone. */
export function ownerRecord(): Buffer {
  return Buffer.from(`${process.pid} ${processIdentity(process.pid) ?? ''}`);
}

/** Whether the process that left the record still runs; one that was killed leaves its record behind. */
export function isOwnerAlive(record: Uint8Array): boolean {
  const [pid, identity = ''] = Buffer.from(record).toString().split(' ');
  return processIdentity(Number(pid)) === identity;
}

import { ROLES, type Role } from '../ports/access.port.js';

/** Whether who has a role may do what asks for another. */
export function covers(role: Role, needed: Role): boolean {
  return ROLES.indexOf(role) >= ROLES.indexOf(needed);
}

/** Whether calls that ask for this role change something. */
export function isMutation(needed: Role): boolean {
  return covers(needed, 'operator');
}

import type { DescMethod } from '@bufbuild/protobuf';
import { Role as ProtoRole } from '../gen/edgekeeper/v1/rules_pb.js';
import type { Role } from '../modules/access/index.js';
import { rulesOf } from './request-rules.js';

const ROLES: Readonly<Record<ProtoRole, Role>> = {
  [ProtoRole.UNSPECIFIED]: 'admin',
  [ProtoRole.VIEWER]: 'viewer',
  [ProtoRole.OPERATOR]: 'operator',
  [ProtoRole.ADMIN]: 'admin',
};

/** The least role that may call a method. */
export function roleNeeded(method: DescMethod): Role {
  return ROLES[rulesOf(method).role];
}

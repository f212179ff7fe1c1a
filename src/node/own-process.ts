import { logVerbosity, setLogVerbosity } from '@grpc/grpc-js';
import { Logger } from '@nestjs/common';

/**
 * For a process that is a node and nothing else: Nest and grpc-js print no lines of their own beside the node's log.
 * It holds for the whole process, so that a node within another application never does it.
 */
export function quietFrameworks(): void {
  Logger.overrideLogger(false);
  setLogVerbosity(logVerbosity.NONE);
}

import type { ComponentLogger, Logger } from '@libp2p/interface';

const silent: Logger = Object.assign(() => {}, {
  error: () => {},
  trace: () => {},
  enabled: false,
  newScope: () => silent,
});

/** libp2p formats and prints what peers sent; our own logs say what happened. */
export const SILENT: ComponentLogger = { forComponent: () => silent };

import { type DynamicModule, Module } from '@nestjs/common';
import { CLOCK, type Clock } from '../../common/clock.js';
import { LOGGER, type Logger } from '../../common/logger.port.js';
import { METRICS, type MetricsRegistry } from '../../common/metrics.port.js';
import type { AccessConfig } from './access.config.js';
import { createAccess } from './create-access.js';
import { readTokens } from './identity/token-file.js';
import { ACCESS } from './ports/access.port.js';

/** Who may call the operator API. */
@Module({})
export class AccessModule {
  /** @throws {AccessError} ACCESS.TOKEN_FILE, before the application opens anything */
  static forRoot(config: AccessConfig): DynamicModule {
    if (config.tokenFile !== undefined) readTokens(config.tokenFile);
    return {
      module: AccessModule,
      providers: [
        {
          provide: ACCESS,
          inject: [LOGGER, CLOCK, METRICS],
          useFactory: (log: Logger, clock: Clock, metrics: MetricsRegistry) =>
            createAccess({ config, log, clock, metrics }),
        },
      ],
      exports: [ACCESS],
    };
  }
}

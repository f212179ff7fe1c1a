import type { FactoryProvider } from '@nestjs/common';

/** A provider made by a function of what is injected. */
export function provide(
  token: FactoryProvider['provide'],
  inject: NonNullable<FactoryProvider['inject']>,
  useFactory: FactoryProvider['useFactory'],
): FactoryProvider {
  return { provide: token, inject, useFactory };
}

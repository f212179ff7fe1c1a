import type { z } from 'zod';
import type { ValueKind } from './setting.js';

/** The dotted path of every setting in a schema (`network.listenPort`) and what kind of value it takes. */
export function schemaLeaves(schema: z.core.$ZodType, path = ''): ReadonlyMap<string, ValueKind> {
  const { def } = schema._zod;
  switch (def.type) {
    case 'default':
    case 'prefault':
    case 'optional':
      return schemaLeaves((def as z.core.$ZodOptionalDef).innerType, path);
    case 'object': {
      const shape = Object.entries((def as z.core.$ZodObjectDef).shape);
      const inner = shape.map(([name, child]) => schemaLeaves(child, path === '' ? name : `${path}.${name}`));
      return new Map(inner.flatMap((leaves) => [...leaves]));
    }
    case 'number':
      return new Map([[path, 'number']]);
    case 'boolean':
      return new Map([[path, 'switch']]);
    case 'array':
      return new Map([[path, 'texts']]);
    default:
      return new Map([[path, 'text']]);
  }
}

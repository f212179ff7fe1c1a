import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import type { InjectionToken } from '@nestjs/common';
import { root } from '../../test/support/doc-pages.js';
import * as library from '../index.js';
import { EdgekeeperModule, type Named } from './edgekeeper.module.js';
import type { EdgekeeperOptions } from './edgekeeper.options.js';
import { getEdgekeeperToken } from './edgekeeper-token.js';

/** Given by JavaScript. */
const forRoot = (options?: unknown) => EdgekeeperModule.forRoot(options as EdgekeeperOptions & Named);

describe(EdgekeeperModule.name, () => {
  it.each([undefined, 'a'])('has what its page says comes out, for a node named %s', (name) => {
    const page = readFileSync(resolve(root, 'docs/embedding.md'), 'utf8');
    const [, sentence = ''] = /Only ([^.]*) come out/.exec(page) ?? [];
    const names = [...sentence.matchAll(/`(\w+)`/g)].map(([, port = '']) => port);
    expect(names).toContain('CHAIN');
    const exported = new Map<string, unknown>(Object.entries(library));
    expect(names.filter((port) => !exported.has(port))).toEqual([]);
    const tokens = names.map((port) => getEdgekeeperToken(exported.get(port) as InjectionToken, name));
    const { exports = [] } = forRoot({ name });
    expect(new Set(exports)).toEqual(new Set(tokens));
  });
});

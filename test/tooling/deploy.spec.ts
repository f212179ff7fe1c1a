import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { COMMANDS } from '../../src/cli/command-table.js';

const root = resolve(import.meta.dirname, '../..');
const read = (path: string) => readFileSync(resolve(root, path), 'utf8');

interface Service {
  command: string[];
  volumes: string[];
  environment?: Record<string, string>;
  depends_on?: Record<string, { condition: string }>;
}

describe('deploy/compose.yaml', () => {
  const compose = parse(read('deploy/compose.yaml'), { merge: true }) as {
    services: Record<string, Service>;
    volumes: Record<string, unknown>;
  };
  const services = Object.entries(compose.services);

  it('is a sealing node and two followers', () => {
    expect(services.map(([, { command }]) => command[0])).toEqual(['dev', 'server', 'server']);
  });

  it.each(services)('%s is called with flags that its command has', (_, { command: [name, ...words] }) => {
    const known = COMMANDS.find((command) => command.name === name)?.options.map(({ long }) => long);
    expect(words.map((word) => word.split('=')[0]).filter((flag) => !known?.includes(flag))).toEqual([]);
  });

  it.each(services)('%s mounts volumes and waits for services that there are', (_, service) => {
    for (const volume of service.volumes) expect(compose.volumes).toHaveProperty(volume.split(':')[0] ?? '');
    for (const name of Object.keys(service.depends_on ?? {})) expect(compose.services).toHaveProperty(name);
  });
});

describe('deploy/Dockerfile', () => {
  const lines = read('deploy/Dockerfile').replace(/\\\n/g, ' ').split('\n');
  const instructions = lines.filter((line) => /^[A-Z]/.test(line)).map((line) => line.split(/\s+/));
  const argumentsOf = (name: string) =>
    instructions.filter(([word]) => word === name).map(([, ...rest]) => rest);

  it('copies what there is, from the project or an earlier stage', () => {
    const stages = argumentsOf('FROM').flatMap((words) => (words[1] === 'AS' ? [words[2]] : []));
    for (const words of argumentsOf('COPY')) {
      const [first = '', ...rest] = words;
      if (first.startsWith('--from=')) expect(stages).toContain(first.slice('--from='.length));
      else
        for (const source of [first, ...rest].slice(0, -1))
          expect(existsSync(resolve(root, source))).toBe(true);
    }
  });

  it('runs on Node 24, not as root, with a health check and an entry point', () => {
    for (const [image] of argumentsOf('FROM')) expect(image).toMatch(/^node:24/);
    expect(argumentsOf('USER')).toEqual([[expect.stringMatching(/^[1-9]/)]]);
    expect(argumentsOf('HEALTHCHECK')).toHaveLength(1);
    expect(argumentsOf('ENTRYPOINT')).toEqual([['["edgekeeper"]']]);
  });
});

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { readConfigFile } from './config-file.js';
import { SettingFault } from './setting.js';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'edgekeeper-file-'));
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

function file(name: string, content: string): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

const contents = [
  {
    name: 'c.json',
    content: '{"data_dir":"d","seal":false,"network":{"max_peers":5,"nat_addr":""},"telemetry":null}',
  },
  {
    name: 'c.yaml',
    content: 'data_dir: d\nseal: false\nnetwork:\n  max_peers: 5\n  nat_addr: ""\ntelemetry:\n',
  },
  { name: 'c.yml', content: 'data_dir: d\nseal: false\nnetwork: {max_peers: 5}\n' },
  {
    name: 'c.hcl',
    content: 'data_dir = "d" // here\nseal = false\nnetwork {\n  max_peers = 5\n  nat_addr = ""\n}\n',
  },
];

describe('readConfigFile', () => {
  it.each(contents)('reads $name', ({ name, content }) =>
    expect(Object.fromEntries(readConfigFile(file(name, content)))).toEqual({
      data_dir: 'd',
      seal: false,
      'network.max_peers': 5,
    }),
  );

  it.each(['c.json', 'c.yaml', 'c.hcl'])('takes an empty %s', (name) =>
    expect([...readConfigFile(file(name, name === 'c.json' ? '{}' : ''))]).toEqual([]),
  );

  it('says what the Go client says of another suffix', () => {
    const path = file('c.toml', '');
    expect(() => readConfigFile(path)).toThrow(`suffix of ${path} is neither hcl, json, yaml nor yml`);
    expect(() => readConfigFile('missing.toml')).toThrow('open missing.toml: no such file or directory');
  });

  it.each([
    { name: 'c.json', content: '{' },
    { name: 'c.json', content: '[1]' },
    { name: 'c.json', content: '7' },
    { name: 'c.yaml', content: 'a: [' },
    { name: 'c.yaml', content: 'a: &x\n  b: *x\n' },
    { name: 'c.yaml', content: `a: ${'{a: '.repeat(9)}1${'}'.repeat(9)}` },
    { name: 'c.hcl', content: 'a =' },
    { name: 'c.json', content: ' '.repeat(1_024 * 1_024 + 1) },
  ])('refuses $name with $content.length characters', ({ name, content }) =>
    expect(() => readConfigFile(file(name, content))).toThrow(SettingFault),
  );

  it('refuses a folder', () => {
    mkdirSync(join(folder, 'd.json'));
    expect(() => readConfigFile(join(folder, 'd.json'))).toThrow(SettingFault);
  });
});

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { libraryFaults, moduleGraph } from '../support/module-graph.js';

const dist = resolve(import.meta.dirname, '../../dist');
const built = (entry: string) => join(dist, entry);

/** What makes a node, none of which an operator's service should have to load. */
const SERVER =
  /^(@nestjs\/.*|rxjs|reflect-metadata|libp2p|@libp2p\/.*|lmdb|classic-level|@grpc\/.*|pino|piscina|secp256k1|@chainsafe\/blst)$/;

describe('the built package', () => {
  it.each(['index.js', 'client/index.js', 'testing/index.js'])(
    '%s neither waits while it is loaded nor takes hold of the process',
    (entry) => {
      const { files } = moduleGraph(built(entry));
      expect(files.length).toBeGreaterThan(3);
      expect(files.flatMap(libraryFaults)).toEqual([]);
    },
  );

  it('client/index.js leads to no part of the node', () => {
    const { files, packages } = moduleGraph(built('client/index.js'));
    expect(packages.filter((name) => SERVER.test(name))).toEqual([]);
    expect(packages).toContain('@connectrpc/connect-node');
    const inDist = files.map((file) => file.slice(dist.length + 1));
    expect(inDist.filter((file) => !/^(client|common|gen)\//.test(file))).toEqual([]);
  });

  it('loads no database before a node asks for it', () => {
    const { packages } = moduleGraph(built('index.js'), { isStatic: true });
    expect(packages.filter((name) => /^(classic-level|prom-client)$/.test(name))).toEqual([]);
  });
});

describe(libraryFaults.name, () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'edgekeeper-graph-'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it('finds what it is to find, and nothing else', () => {
    const file = join(folder, 'planted.js');
    const lines = [
      'const a = await import("./b.js");',
      'for await (const x of []) {}',
      'process.on("SIGINT", () => process.exit(1));',
      'export async function fine() { await a; return process.env.HOME; }',
      'export const alsoFine = async () => { for await (const y of []) await y; };',
    ];
    writeFileSync(file, lines.join('\n'));
    writeFileSync(join(folder, 'b.js'), "import 'lmdb';\nexport * from '@org/pkg/deep.js';\n");
    expect(libraryFaults(file).map((fault) => fault.slice(file.length))).toEqual([
      ':1 top-level await',
      ':2 top-level await',
      ':3 process.on',
      ':3 process.exit',
    ]);
    expect(moduleGraph(file)).toEqual({
      files: [join(folder, 'b.js'), file],
      packages: ['@org/pkg', 'lmdb'],
    });
    expect(moduleGraph(file, { isStatic: true })).toEqual({ files: [file], packages: [] });
  });
});

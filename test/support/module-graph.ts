import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import ts from 'typescript';

/** What a built file and all that it leads to consists of. */
export interface ModuleGraph {
  /** Paths of our own files. */
  readonly files: readonly string[];
  /** Names of packages, and of Node's own modules as `node:…`. */
  readonly packages: readonly string[];
}

/** All that is loaded with `entry`, and later by `import()` as well unless `isStatic`. */
export function moduleGraph(entry: string, { isStatic = false } = {}): ModuleGraph {
  const files = new Set<string>();
  const packages = new Set<string>();
  const visit = (file: string) => {
    if (files.has(file)) return;
    files.add(file);
    for (const specifier of importsOf(parsed(file), isStatic)) {
      if (specifier.startsWith('.')) visit(join(dirname(file), specifier));
      else packages.add(packageOf(specifier));
    }
  };
  visit(entry);
  return { files: [...files].toSorted(), packages: [...packages].toSorted() };
}

function packageOf(specifier: string): string {
  return specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/');
}

function parsed(file: string): ts.SourceFile {
  return ts.createSourceFile(
    file,
    readFileSync(file, 'utf8'),
    ts.ScriptTarget.ES2022,
    true,
    ts.ScriptKind.JS,
  );
}

function importsOf(source: ts.SourceFile, isStatic: boolean): string[] {
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    const specifier =
      ts.isImportDeclaration(node) || ts.isExportDeclaration(node) ? node.moduleSpecifier : undefined;
    const isImportCall = ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword;
    const called = isImportCall && !isStatic ? node.arguments[0] : undefined;
    for (const text of [specifier, called]) if (text && ts.isStringLiteral(text)) found.push(text.text);
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

/** Places that a library must not have: waiting while it is loaded, and taking hold of the process. */
export function libraryFaults(file: string): string[] {
  const source = parsed(file);
  const faults: string[] = [];
  const fault = (node: ts.Node, what: string) => {
    const { line } = source.getLineAndCharacterOfPosition(node.getStart(source));
    faults.push(`${file}:${line + 1} ${what}`);
  };
  const visit = (node: ts.Node, isTop: boolean): void => {
    const waits =
      ts.isAwaitExpression(node) || (ts.isForOfStatement(node) && node.awaitModifier !== undefined);
    if (waits && isTop) fault(node, 'top-level await');
    if (ts.isPropertyAccessExpression(node) && node.expression.getText(source) === 'process') {
      const { text } = node.name;
      if (/^(exit|abort|on|once|addListener|prependListener|exitCode|chdir|umask)$/.test(text))
        fault(node, `process.${text}`);
    }
    ts.forEachChild(node, (child) => visit(child, isTop && !ts.isFunctionLike(node)));
  };
  visit(source, true);
  return faults;
}

/** Reads from the syntax of a folder's modules what they import from each other, types included. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';

/**
 * @typedef {{ from: string, to: string, isType: boolean }} Edge paths below the folder; `isType`:
 * the import does not exist at run time
 */

/**
 * Lists every import, re-export, `import()` and `import('..').Type` with a relative path in all TypeScript
 * files of a folder.
 *
 * @param {string} folder
 * @returns {Edge[]}
 */
export function readImports(folder) {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => name.split(path.sep).join('/'))
    .filter((name) => /\.tsx?$/.test(name))
    .sort();
  return files.flatMap((from) =>
    listSpecifiers(from, readFileSync(path.join(folder, from), 'utf8'))
      .filter(({ specifier }) => specifier.startsWith('.'))
      .map(({ specifier, isType }) => ({
        from,
        to: path.posix.join(path.posix.dirname(from), specifier),
        isType,
      })),
  );
}

/**
 * @param {string} file
 * @param {string} text
 * @returns {{ specifier: string, isType: boolean }[]}
 */
function listSpecifiers(file, text) {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  /** @type {{ specifier: string, isType: boolean }[]} */
  const found = [];
  /** @param {ts.Node | undefined} node @param {boolean} isType */
  const take = (node, isType) => {
    if (node !== undefined && ts.isStringLiteralLike(node)) {
      found.push({ specifier: node.text, isType });
    }
  };
  /** @param {ts.Node} node */
  const visit = (node) => {
    if (ts.isImportDeclaration(node)) take(node.moduleSpecifier, isErasedImport(node));
    else if (ts.isExportDeclaration(node)) take(node.moduleSpecifier, isErasedExport(node));
    else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
      take(node.arguments[0], false);
    } else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) {
      take(node.argument.literal, true);
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

/** @param {ts.ImportDeclaration} node */
function isErasedImport({ importClause: clause }) {
  if (clause === undefined) return false;
  const names = clause.namedBindings;
  return (
    clause.isTypeOnly ||
    (clause.name === undefined &&
      names !== undefined &&
      ts.isNamedImports(names) &&
      names.elements.every(({ isTypeOnly }) => isTypeOnly))
  );
}

/** @param {ts.ExportDeclaration} node */
function isErasedExport({ isTypeOnly, exportClause: names }) {
  return (
    isTypeOnly ||
    (names !== undefined &&
      ts.isNamedExports(names) &&
      names.elements.every((element) => element.isTypeOnly))
  );
}

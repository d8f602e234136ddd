// @ts-check
/** Finds what an entry of a package exports, with the text of each declaration and its comment. */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';

/**
 * `comment` is the TSDoc without its stars. Overloads are one declaration with several lines of code.
 *
 * @typedef {'function' | 'class' | 'value' | 'type'} Kind
 * @typedef {{ name: string, kind: Kind, comment: string, code: string }} Declared
 */

/** @type {Map<string, ts.SourceFile>} */
const parsed = new Map();

/** @param {string} file */
function parse(file) {
  const known = parsed.get(file);
  if (known !== undefined) return known;
  const tree = ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.Latest, true);
  parsed.set(file, tree);
  return tree;
}

/**
 * @param {string} file the entry's `.d.ts`
 * @returns {{ module: string, exported: Declared[] }} `module` is the comment of the whole entry.
 */
export function readEntry(file) {
  const text = readFileSync(file, 'utf8');
  const [, first = ''] = /^(\/\*\*[\s\S]*?\*\/)/.exec(text) ?? [];
  const module = first.includes('@module') ? plainComment(first).replace(/\s*@module\s*/, '') : '';
  return { module, exported: readExports(file) };
}

/** @param {string} file @returns {Declared[]} */
function readExports(file) {
  const tree = parse(file);
  return tree.statements
    .flatMap((statement) => {
      if (!ts.isExportDeclaration(statement)) return [];
      const { exportClause, moduleSpecifier } = statement;
      const from =
        moduleSpecifier === undefined
          ? null
          : resolve(file, moduleSpecifier.getText().slice(1, -1));
      if (exportClause === undefined) return from === null ? [] : readExports(from);
      if (!ts.isNamedExports(exportClause)) return [];
      return exportClause.elements.flatMap(({ name, propertyName }) => {
        const found = find(from ?? file, (propertyName ?? name).text);
        return found === null ? [] : [{ ...found, name: name.text }];
      });
    })
    .concat(readOwn(tree));
}

/** Declarations that the file itself exports. @param {ts.SourceFile} tree */
function readOwn(tree) {
  const names = tree.statements
    .filter(
      (one) =>
        ts.canHaveModifiers(one) &&
        ts.getModifiers(one)?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword),
    )
    .flatMap(namesOf);
  return [...new Set(names)].flatMap((name) => declare(tree, name) ?? []);
}

/** @param {string} file @param {string} name @returns {Declared | null} */
function find(file, name) {
  const tree = parse(file);
  const own = declare(tree, name);
  if (own !== null) return own;
  for (const statement of tree.statements) {
    const isExport = ts.isExportDeclaration(statement);
    if (!isExport && !ts.isImportDeclaration(statement)) continue;
    const { moduleSpecifier } = statement;
    const from =
      moduleSpecifier === undefined ? null : resolve(file, moduleSpecifier.getText().slice(1, -1));
    if (from === null) continue;
    const clause = isExport ? statement.exportClause : statement.importClause?.namedBindings;
    if (clause === undefined && isExport) {
      const found = find(from, name);
      if (found !== null) return found;
    } else if (clause !== undefined && (ts.isNamedExports(clause) || ts.isNamedImports(clause))) {
      const element = [...clause.elements].find((one) => one.name.text === name);
      if (element !== undefined) return find(from, (element.propertyName ?? element.name).text);
    }
  }
  return null;
}

/** @param {ts.SourceFile} tree @param {string} name @returns {Declared | null} */
function declare(tree, name) {
  const own = tree.statements.filter((statement) => namesOf(statement).includes(name));
  const [first] = own;
  if (first === undefined) return null;
  const code = own.map((one) => one.getText().replace(/^export (?:declare )?/, '')).join('\n');
  const range = ts.getLeadingCommentRanges(tree.text, first.getFullStart())?.at(-1);
  const comment = range === undefined ? '' : plainComment(tree.text.slice(range.pos, range.end));
  return { name, kind: kindOf(first), comment, code: code.replaceAll('    ', '  ') };
}

/** @param {ts.Statement} statement @returns {string[]} */
function namesOf(statement) {
  if (ts.isVariableStatement(statement)) {
    return statement.declarationList.declarations.map(({ name }) => name.getText());
  }
  const isNamed =
    ts.isFunctionDeclaration(statement) ||
    ts.isClassDeclaration(statement) ||
    ts.isInterfaceDeclaration(statement) ||
    ts.isTypeAliasDeclaration(statement) ||
    ts.isEnumDeclaration(statement);
  return isNamed && statement.name !== undefined ? [statement.name.text] : [];
}

/** @param {ts.Statement} statement @returns {Kind} */
function kindOf(statement) {
  if (ts.isFunctionDeclaration(statement)) return 'function';
  if (ts.isClassDeclaration(statement)) return 'class';
  return ts.isVariableStatement(statement) ? 'value' : 'type';
}

/** @param {string} from @param {string} name @returns {string | null} null for another package. */
function resolve(from, name) {
  if (!name.startsWith('.')) return null;
  const file = path.join(path.dirname(from), name.replace(/\.[jt]s$/, '.d.ts'));
  return existsSync(file) ? file : null;
}

/** @param {string} comment */
const plainComment = (comment) =>
  comment
    .replace(/^\/\*\*?\s?|\s*\*\/$/g, '')
    .replace(/^[ \t]*\* ?/gm, '')
    .trim();

/**
 * The ESLint rule that enforces the floors of a package: every import, also of types, must lead to a lower
 * floor.
 */
import path from 'node:path';
import { faultOf } from './floors.mjs';

/**
 * @param {string} folder absolute path of the package's `src`.
 * @param {import('./floors.mjs').Floors} floors
 * @returns {import('eslint').ESLint.Plugin}
 */
export function createHouseRules(folder, floors) {
  /** @type {import('eslint').Rule.RuleModule} */
  const rule = {
    meta: { type: 'problem', schema: [] },
    create(context) {
      const from = path.relative(folder, context.filename);
      if (from.startsWith('..') || path.isAbsolute(from)) return {};
      /** @param {any} node @param {any} source a literal; any other node is ignored */
      const check = (node, source) => {
        const specifier = source?.value;
        if (typeof specifier !== 'string' || !specifier.startsWith('.')) return;
        const to = path.relative(folder, path.resolve(path.dirname(context.filename), specifier));
        const fault = faultOf(floors, toSlashes(from), toSlashes(to));
        if (fault !== null) context.report({ node, message: fault });
      };
      return {
        ImportDeclaration: (node) => check(node, node.source),
        ExportNamedDeclaration: (node) => check(node, node.source),
        ExportAllDeclaration: (node) => check(node, node.source),
        ImportExpression: (node) => check(node, node.source),
        /** @param {any} node `import('..').Type` */
        TSImportType: (node) => check(node, node.source ?? node.argument?.literal),
      };
    },
  };
  return { rules: { floors: rule } };
}

/** @param {string} name */
function toSlashes(name) {
  return name.split(path.sep).join('/');
}

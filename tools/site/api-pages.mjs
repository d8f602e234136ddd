// @ts-check
/** Makes a page for each entry of the packages out of the TSDoc of what it exports. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { slugOf } from './markdown.mjs';
import { readEntry } from './read-declarations.mjs';

/** @typedef {import('./read-declarations.mjs').Declared} Declared */

const packages = ['core', 'converter', 'runs', 'service'];

/** @type {[Declared['kind'], string][]} */
const kinds = [
  ['function', 'Functions'],
  ['class', 'Classes'],
  ['value', 'Values'],
  ['type', 'Types'],
];

/**
 * @param {string} root of the repository, after `npm run build`
 * @returns {import('./method-pages.mjs').TextPage[]}
 */
export function createApiPages(root) {
  return packages.flatMap((name) => {
    const folder = path.join(root, 'packages', name);
    const manifest = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8'));
    return Object.entries(/** @type {Record<string, { types?: string }>} */ (manifest.exports))
      .filter(([, { types }]) => types !== undefined)
      .map(([entry, { types }]) => {
        const full = entry === '.' ? manifest.name : `${manifest.name}/${entry.slice(2)}`;
        return {
          source: path.posix.join('packages', name, 'src', entry),
          address: `api/${full.replace('@gradcam/', '').replaceAll('/', '-')}.html`,
          short: full,
          text: writeEntry(full, readEntry(path.join(folder, String(types)))),
        };
      });
  });
}

/** @param {string} full @param {ReturnType<typeof readEntry>} entry */
function writeEntry(full, { module, exported }) {
  const names = new Set(exported.map(({ name }) => name));
  const text = (/** @type {string} */ comment) => linkNames(comment, names);
  const parts = kinds.flatMap(([kind, title]) => {
    const own = exported
      .filter((one) => one.kind === kind)
      .sort((a, b) => a.name.localeCompare(b.name));
    if (own.length === 0) return [];
    return [`## ${title}`, ...own.map((one) => writeDeclared(one, text))];
  });
  return [`# ${full}`, text(module), ...parts].join('\n\n');
}

/** @param {Declared} declared @param {(comment: string) => string} text */
function writeDeclared({ name, comment, code }, text) {
  const [summary = '', ...tags] = comment.split(/^(?=@[a-z]+)/m);
  const lines = tags.map((tag) => writeTag(tag.trim(), text));
  const facts = lines.filter((line) => line.startsWith('- ')).join('\n');
  const examples = lines.filter((line) => !line.startsWith('- '));
  const signature = `\`\`\`ts\n${code}\n\`\`\``;
  return [`### ${name}`, text(summary.trim()), signature, facts, ...examples].join('\n\n');
}

/** @param {string} tag @param {(comment: string) => string} text */
function writeTag(tag, text) {
  const [, label = '', rest = ''] = /^@([a-z]+)\s*([\s\S]*)$/.exec(tag) ?? [];
  if (label === 'example') return `Example:\n\n${rest}`;
  if (label === 'param') return `- ${text(rest.replace(/^(\S+)\s*(?:-\s+)?/, '`$1`: '))}`;
  const title = { returns: 'Returns', throws: 'Throws', see: 'See' }[label] ?? label;
  return `- ${title}: ${text(rest)}`;
}

/**
 * Links names that the page has, and escapes what is no code.
 *
 * @param {string} comment
 * @param {Set<string>} names
 */
function linkNames(comment, names) {
  return comment
    .split(/(```[\s\S]*?```|`[^`]*`)/)
    .map((part, i) => {
      if (i % 2 === 1) return part;
      return part
        .replaceAll('<', '&lt;')
        .replace(
          /\{@link\s+([^\s|}]+)\s*\|?\s*([^}]*)\}/g,
          (_, /** @type {string} */ name, shown) => {
            const label = `\`${shown || name}\``;
            return names.has(name) ? `[${label}](#${slugOf(name)})` : label;
          },
        );
    })
    .join('');
}

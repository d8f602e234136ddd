// @ts-check
/**
 * Finds the code blocks of the documentation, and for each one who runs it: `tools/verify/run-docs.mjs`, a
 * test that stands in a comment above the block, or nobody, for a reason that stands there.
 */
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';

/**
 * A block of code. `test` is the file that runs it, `reason` says why nothing does; of both, null means that
 * none is stated.
 *
 * @typedef {{ file: string, line: number, language: string, code: string, test: string | null,
 *   reason: string | null }} CodeBlock
 */

/** Blocks in these languages are code; others are outputs, usage lines and files. */
const LANGUAGES = ['sh', 'js', 'ts', 'python', 'yaml'];

/**
 * Files whose code is checked: all pages and all sources with TSDoc.
 *
 * @param {string} root
 */
export function listDocumented(root) {
  const inFolder = (/** @type {string} */ folder, /** @type {RegExp} */ kind, recursive = false) =>
    readdirSync(path.join(root, folder), { recursive, encoding: 'utf8' })
      .filter((name) => kind.test(name))
      .map((name) => path.posix.join(folder, name.replaceAll(path.sep, '/')));
  const packages = readdirSync(path.join(root, 'packages'));
  const pages = [
    ...inFolder('.', /\.md$/),
    ...inFolder('docs', /\.md$/),
    ...inFolder('docs/formats', /\.md$/),
    'examples/README.md',
    'demo/README.md',
    ...packages.map((name) => `packages/${name}/README.md`),
  ].filter((name) => existsSync(path.join(root, name)));
  const sources = packages.flatMap((name) => inFolder(`packages/${name}/src`, /\.tsx?$/, true));
  return { pages, sources };
}

/**
 * Reads the blocks of a page, or of the comments of a source file. The statement about a block stands in the
 * line above it: `<!-- run by FILE -->` or `<!-- not run: REASON -->` in a page. In a source file it is the
 * first line of the code, behind `//`.
 *
 * @param {string} root
 * @param {string} file
 * @returns {CodeBlock[]}
 */
export function readBlocks(root, file) {
  const isPage = file.endsWith('.md');
  const text = readFileSync(path.join(root, file), 'utf8');
  const lines = text.split('\n').map((line) => (isPage ? line : line.replace(/^\s*\* ?/, '')));
  /** @type {CodeBlock[]} */
  const blocks = [];
  for (let i = 0; i < lines.length; i++) {
    const [, language] = /^```([a-z]*)\s*$/.exec(lines[i] ?? '') ?? [];
    if (language === undefined) continue;
    const end = lines.indexOf('```', i + 1);
    if (end < 0) break;
    const code = lines.slice(i + 1, end).join('\n');
    const above = lines[i - 1] === '' ? lines[i - 2] : lines[i - 1];
    const stated = isPage ? above : lines[i + 1];
    const [, test = null] = /(?:<!--|\/\/) run by (\S+)/.exec(stated ?? '') ?? [];
    const [, reason = null] = /(?:<!--|\/\/) not run: (.*?)(?: -->)?$/.exec(stated ?? '') ?? [];
    if (LANGUAGES.includes(language))
      blocks.push({ file, line: i + 1, language, code, test, reason });
    i = end;
  }
  return blocks;
}

// @ts-check
import { createHash } from 'node:crypto';
import { existsSync, lstatSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

/**
 * The content of a folder: for each path below it, relative and with `/`, the sha256 of the file's bytes,
 * `folder`, or the kind of any other entry.
 *
 * @typedef {ReadonlyMap<string, string>} Tree
 */

/**
 * @param {string} folder
 * @param {readonly string[]} [below] only these folders are read, each relative to the folder
 * @returns {Tree}
 */
export function readTree(folder, below = ['']) {
  /** @type {Map<string, string>} */
  const tree = new Map();
  for (const start of below) visit(folder, start, tree);
  return tree;
}

/**
 * @param {string} folder
 * @param {string} name
 * @param {Map<string, string>} tree
 */
function visit(folder, name, tree) {
  const file = path.join(folder, name);
  if (!existsSync(file)) return;
  const stats = lstatSync(file);
  if (!stats.isDirectory()) {
    tree.set(name, stats.isFile() ? digest(readFileSync(file)) : 'neither file nor folder');
    return;
  }
  if (name !== '') tree.set(name, 'folder');
  for (const inside of readdirSync(file)) visit(folder, path.posix.join(name, inside), tree);
}

/** @param {Uint8Array} bytes */
function digest(bytes) {
  return createHash('sha256').update(bytes).digest('hex');
}

/** The beginning of the problems about extra files that {@link compareNames} finds. */
export const LEFT = 'left behind: ';
export const LOST = 'lost: ';

/**
 * Reports as problems the paths that only `got` has and those that only `want` has.
 *
 * @param {Tree} got
 * @param {Tree} want
 * @param {(name: string) => string} [plain] removes from a name the parts that differ between runs
 * @returns {string[]}
 */
export function compareNames(got, want, plain = (name) => name) {
  const [is, was] = [countNames(got, plain), countNames(want, plain)];
  const problems = [];
  for (const [name, count] of is) {
    const wanted = was.get(name) ?? 0;
    if (wanted === 0) problems.push(`${LEFT}${name}`);
    else if (count > wanted) problems.push(`doubled: ${name}, ${count} instead of ${wanted}`);
  }
  for (const [name, count] of was) {
    const found = is.get(name) ?? 0;
    if (found < count) problems.push(`${LOST}${name}${count > 1 ? `, ${found} of ${count}` : ''}`);
  }
  return problems;
}

/**
 * @param {Tree} tree
 * @param {(name: string) => string} plain
 */
function countNames(tree, plain) {
  /** @type {Map<string, number>} */
  const counts = new Map();
  for (const name of tree.keys()) counts.set(plain(name), (counts.get(plain(name)) ?? 0) + 1);
  return counts;
}

/**
 * Checks that files have remained as they were, byte for byte.
 *
 * @param {Tree} got
 * @param {Tree} want
 * @returns {string[]}
 */
export function compareBytes(got, want) {
  const problems = [];
  for (const [name, content] of want) {
    const found = got.get(name);
    if (found === undefined) problems.push(`gone: ${name}`);
    else if (found !== content) problems.push(`changed: ${name}`);
  }
  return problems;
}

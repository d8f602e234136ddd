// @ts-check
/**
 * docs/support.json states, row by row, what is supported and which tests check it. The tables of the pages
 * are generated from it, and a run of the tests lists the rows that it has not checked.
 */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../..', import.meta.url));

/**
 * A row with the tests that check its statement. A test is named by a file, ` > `, and a part of the test's
 * name. A row without tests has to say so in its cells.
 *
 * @typedef {{ cells: string[], tests: string[] }} Row
 * @typedef {{ page: string, name: string, columns: string[], rows: Row[] }} Table
 */

/**
 * Reads the tables. A table may also be a part of another one (`of`): its `rows` are then the beginnings of
 * rows there.
 *
 * @returns {Table[]}
 */
export function readSupport() {
  /** @type {(Table | (Omit<Table, 'columns' | 'rows'> & { of: string, rows: string[] }))[]} */
  const stated = JSON.parse(readFileSync(path.join(root, 'docs/support.json'), 'utf8')).tables;
  const whole = /** @type {Table[]} */ (stated.filter((table) => !('of' in table)));
  return stated.map((table) => {
    if (!('of' in table)) return table;
    const source = whole.find(({ name }) => name === table.of);
    if (source === undefined) throw new Error(`${table.page}: there is no table ${table.of}`);
    const rows = table.rows.map((start) => {
      const row = source.rows.find(({ cells }) => cells[0]?.startsWith(start));
      if (row === undefined) throw new Error(`${table.page}: no row begins with ${start}`);
      return row;
    });
    return { page: table.page, name: table.name, columns: source.columns, rows };
  });
}

/**
 * Returns the page with its tables written anew between their marks.
 *
 * @param {string} page
 * @param {Table[]} tables those of this page.
 */
export function fillTables(page, tables) {
  return tables.reduce((text, { name, columns, rows }) => {
    const [start, end] = [`<!-- support: ${name} -->`, '<!-- /support -->'];
    const from = text.indexOf(start);
    const to = text.indexOf(end, from);
    if (from < 0 || to < 0) throw new Error(`no marks for the table ${name}`);
    const lines = [columns, columns.map(() => '---'), ...rows.map(({ cells }) => cells)];
    const table = lines.map((cells) => `| ${cells.join(' | ')} |`).join('\n');
    return `${text.slice(0, from)}${start}\n\n${table}\n\n${text.slice(to)}`;
  }, page);
}

/** @param {string} named as a row has it. @returns {{ file: string, title: string }} */
export function parseTest(named) {
  const [file = '', ...title] = named.split(' > ');
  return { file, title: title.join(' > ') };
}

/**
 * Finds the tests that rows name and that did not pass, among the files that have run.
 *
 * @param {Table[]} tables
 * @param {{ file: string, name: string, state: string }[]} results of all tests of those files.
 * @returns {{ unproven: string[], skipped: string[] }} `skipped`: some were there, and all were skipped.
 */
export function findUnproven(tables, results) {
  const files = new Set(results.map(({ file }) => file));
  const named = new Set(tables.flatMap(({ rows }) => rows.flatMap(({ tests }) => tests)));
  /** @type {{ unproven: string[], skipped: string[] }} */
  const found = { unproven: [], skipped: [] };
  for (const one of named) {
    const { file, title } = parseTest(one);
    if (!files.has(file)) continue;
    const own = results.filter((result) => result.file === file && result.name.includes(title));
    if (own.some(({ state }) => state === 'passed')) continue;
    const isSkipped = own.length > 0 && own.every(({ state }) => state !== 'failed');
    (isSkipped ? found.skipped : found.unproven).push(one);
  }
  return found;
}

/**
 * Lists the test files that rows name and that do not exist.
 *
 * @param {Table[]} tables
 */
export function findMissingFiles(tables) {
  const named = tables.flatMap(({ rows }) => rows.flatMap(({ tests }) => tests));
  return named.filter((one) => !existsSync(path.join(root, parseTest(one).file)));
}

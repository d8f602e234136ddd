// @ts-check
/** Writes the tables of docs/support.json into their pages: node tools/docs/write-support-tables.mjs */
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { format, resolveConfig } from 'prettier';
import { fillTables, readSupport, root } from './support.mjs';

const tables = readSupport();
for (const page of new Set(tables.map((table) => table.page))) {
  const file = path.join(root, page);
  const own = tables.filter((table) => table.page === page);
  const text = fillTables(readFileSync(file, 'utf8'), own);
  writeFileSync(file, await format(text, { ...(await resolveConfig(file)), filepath: file }));
}

import { GradcamError } from '../../base/errors.ts';
import { orderNames } from './label-order.ts';

/** How columns of a table of classes are called, in lower case. */
const NAME_COLUMNS = new Set(
  'name,names,label,labels,class,classes,class_name,class name,classname,category,tag,display_name'.split(
    ',',
  ),
);
const INDEX_COLUMNS = new Set(
  'index,id,idx,class_id,class id,class_index,classid,label_id,number,no,#'.split(','),
);
const WNID_COLUMNS = new Set(['wnid', 'synset', 'synset_id', 'wordnet_id']);

/**
 * The names in lines of text: a table, numbered lines or plain ones; see `parseLabels`.
 *
 * @throws GradcamError `argument` for a table whose indices do not name each class once.
 */
export function readLabelLines(text: string): string[] {
  const lines = text.split(/\r\n|\n|\r/).map((line) => line.trim());
  return readTable(lines) ?? takeNumbersOff(lines) ?? lines.map(unquote);
}

/** A table with a header that names its columns; null for lines without one. */
function readTable(lines: readonly string[]): string[] | null {
  const separator = [',', ';', '\t'].find((mark) => lines[0]!.includes(mark)) ?? ',';
  const header = splitFields(lines[0]!, separator).map((field) => field.toLowerCase());
  const nameColumn = header.findIndex((field) => NAME_COLUMNS.has(field));
  const indexColumn = header.findIndex((field) => INDEX_COLUMNS.has(field));
  const wnidColumn = header.findIndex((field) => WNID_COLUMNS.has(field));
  const isKnown = header.length === 1 || indexColumn >= 0 || wnidColumn >= 0;
  if (nameColumn < 0 || !isKnown || lines.length < 2) return null;
  const rows = lines
    .slice(1)
    .filter((line) => line !== '')
    // A name may hold commas where it has a line of its own.
    .map((line) => (header.length === 1 ? [unquote(line)] : splitFields(line, separator)));
  const short = rows.findIndex((row) => row.length !== header.length);
  if (short >= 0) {
    throw new GradcamError(
      'argument',
      `labels: row ${short + 1} of the table has ${rows[short]!.length} fields, its header ${header.length}; put names with '${separator}' into quotes`,
    );
  }
  const names = rows.map((row) => {
    const wnid = wnidColumn < 0 ? '' : `${row[wnidColumn]} `;
    return `${wnid}${row[nameColumn]}`;
  });
  if (indexColumn < 0) return names;
  return orderNames(
    rows.map((row, place) => [toIndex(row[indexColumn]!), names[place]!] as const),
    'a table',
  );
}

function toIndex(field: string): number | null {
  return /^\d{1,9}$/.test(field) ? Number(field) : null;
}

/**
 * Names without the numbers before them, where these count on from 0 or 1; one line alone must be number 0,
 * since a single name may begin with a number. Null where they do not count.
 */
function takeNumbersOff(lines: readonly string[]): string[] | null {
  const parsed = lines.map((line) => /^"?(\d{1,9})"?(?:\s*[,;:.)\t|]\s*|\s+)(.*\S)$/.exec(line));
  const first = Number(parsed[0]?.[1] ?? NaN);
  const counts = parsed.every((match, place) => Number(match?.[1] ?? NaN) === first + place);
  if (!counts || first > 1 || (lines.length === 1 && first !== 0)) return null;
  return parsed.map((match) => unquote(match![2]!));
}

/** The fields of a row; in quotes a field may hold the separator, and quotes twice. */
function splitFields(line: string, separator: string): string[] {
  const fields: string[] = [];
  let field = '';
  let isQuoted = false;
  for (const letter of line) {
    if (letter === '"') {
      isQuoted = !isQuoted;
      field += letter;
    } else if (letter === separator && !isQuoted) {
      fields.push(field);
      field = '';
    } else {
      field += letter;
    }
  }
  return [...fields, field].map((text) => unquote(text.trim()));
}

function unquote(text: string): string {
  if (text.length < 2 || !text.startsWith('"') || !text.endsWith('"')) return text;
  return text.slice(1, -1).replaceAll('""', '"');
}

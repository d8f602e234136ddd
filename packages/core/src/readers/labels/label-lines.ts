import { GradcamError } from '../../base/errors.ts';
import { orderNames } from './label-order.ts';

/** Usual names of the columns in a table of classes, in lower case. */
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
 * The names in lines of text, which are a table, numbered lines or plain lines; see `parseLabels`.
 *
 * @throws GradcamError `argument` for a table whose indices do not name each class exactly once.
 */
export function readLabelLines(text: string): string[] {
  const lines = text.split(/\r\n|\n|\r/).map((line) => line.trim());
  return readTable(lines) ?? takeNumbersOff(lines) ?? lines.map(unquote);
}

/** Reads a table with a header that names its columns; null for lines without such a header. */
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
    // In a table of one column, a name may contain commas.
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
 * Removes the numbers before the names, if they count up from 0 or 1; else null. A single line must
 * have the number 0, because a single name may begin with a number.
 */
function takeNumbersOff(lines: readonly string[]): string[] | null {
  const parsed = lines.map((line) => /^"?(\d{1,9})"?(?:\s*[,;:.)\t|]\s*|\s+)(.*\S)$/.exec(line));
  const first = Number(parsed[0]?.[1] ?? NaN);
  const counts = parsed.every((match, place) => Number(match?.[1] ?? NaN) === first + place);
  if (!counts || first > 1 || (lines.length === 1 && first !== 0)) return null;
  return parsed.map((match) => unquote(match![2]!));
}

/** The fields of a row. A quoted field may contain the separator, and two quotes for one. */
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

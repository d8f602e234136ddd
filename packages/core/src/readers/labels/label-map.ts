import { GradcamError } from '../../base/errors.ts';
import { readTokens, type Token } from './label-tokens.ts';

/** The most numbers up to the last class that have no item. COCO's map has ten. */
const MOST_GAPS = 1000;

/** Whether a text is a label map of TensorFlow's Object Detection API (`.pbtxt`). */
export function isLabelMap(text: string): boolean {
  return /^(?:\s|#[^\n]*\n)*item\s*:?\s*\{/.test(text);
}

/**
 * The names in a label map: `item { id: 1 name: 'cat' }` for each class. The number 0 is the background and
 * has no item. `display_name`, which is for people, counts before `name`. A number without an item, as
 * COCO's map has some, becomes `unnamed <id>`.
 *
 * @throws GradcamError `argument` for an item without id or name, and for an id that is given twice.
 */
export function readLabelMap(text: string): string[] {
  const tokens = readTokens(text, 'hash');
  if (typeof tokens === 'number') return refuse('items with id and name', `line ${tokens}`);
  const names = new Map<number, string>();
  for (const fields of splitItems(tokens)) {
    const id = Number(fields.get('id') ?? NaN);
    const name = fields.get('display_name') ?? fields.get('name');
    const found = [...fields].map(([field, value]) => `${field}: ${value}`).join(', ');
    if (!Number.isSafeInteger(id) || id < 0 || name === undefined) {
      return refuse('an id and a name in each item', found || 'an item without fields');
    }
    if (names.has(id)) refuse('each id once', found);
    names.set(id, name);
  }
  const first = names.has(0) ? 0 : 1;
  let last = 0;
  for (const id of names.keys()) last = Math.max(last, id);
  const count = last - first + 1;
  if (count > names.size + MOST_GAPS) {
    refuse(`at most ${MOST_GAPS} ids left out`, `${names.size} items up to ${last}`);
  }
  return Array.from({ length: count }, (_, i) => names.get(first + i) ?? `unnamed ${first + i}`);
}

/** The plain fields of each item. Those of messages inside an item are left out. */
function splitItems(tokens: readonly Token[]): Map<string, string>[] {
  const items: Map<string, string>[] = [];
  let depth = 0;
  tokens.forEach(({ kind, value }, i) => {
    if (kind === 'mark' && value === '{') depth++;
    if (kind === 'mark' && value === '}') depth--;
    if (kind === 'word' && depth === 0 && value === 'item') items.push(new Map());
    const [colon, given] = [tokens[i + 1], tokens[i + 2]];
    const isField = kind === 'word' && depth === 1 && colon?.kind === 'mark' && colon.value === ':';
    if (isField && given !== undefined && (given.kind === 'text' || given.kind === 'number')) {
      items.at(-1)?.set(value, given.value);
    }
  });
  return items;
}

function refuse(expected: string, found: string): never {
  throw new GradcamError(
    'argument',
    `labels: expected a label map with ${expected}, found ${found.slice(0, 80)}`,
  );
}

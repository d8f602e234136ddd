import { GradcamError } from '../../base/errors.ts';
import { LABEL_FORMS, orderNames } from './label-order.ts';

type Json = Readonly<Record<string, unknown>>;

/** Fields that hold the names in files that also say other things. The first one found counts. */
const HOLDERS = [
  ...['id2label', 'label2id', 'labels', 'label_names', 'class_names', 'classNames', 'names'],
  ...['classes', 'class_indices', 'class_to_idx', 'categories'],
];

/** Usual field names for the index and the name of a class, where classes are objects. */
const INDEX_FIELDS = ['id', 'index', 'idx', 'class_id', 'classId', 'class_index', 'label_id'];
const NAME_FIELDS = [
  ...['name', 'label', 'displayName', 'display_name', 'className', 'class_name', 'class', 'title'],
];

/**
 * The names of classes in a JSON value, in index order; see `parseLabels`.
 *
 * @throws GradcamError `argument` for an unknown form, naming the known ones.
 */
export function readLabelJson(json: unknown): string[] {
  if (Array.isArray(json)) return readList(json);
  const record = json as Json;
  const holder = HOLDERS.find((name) => isObject(own(record, name)));
  if (holder !== undefined) {
    const held = record[holder];
    return Array.isArray(held) ? readList(held) : readRecord(held as Json);
  }
  return readRecord(record);
}

/** Whether an object has a field that usually holds the names of classes, as settings of a model have. */
export function holdsNames(json: Readonly<Record<string, unknown>>): boolean {
  return HOLDERS.some((name) => isObject(own(json, name)));
}

function readList(list: readonly unknown[]): string[] {
  if (list.length > 0 && list.every(isRecord)) return readObjects(list);
  if (list.length > 0 && list.every(isNumberedPair)) {
    const entries = list.map(([a, b]) => (typeof a === 'number' ? [a, String(b)] : [b, String(a)]));
    return orderNames(entries as [number, string][], 'a list of pairs');
  }
  return list.map(joinName);
}

/** `[0, "cat"]` or `["cat", 0]`. */
function isNumberedPair(value: unknown): value is [unknown, unknown] {
  if (!Array.isArray(value) || value.length !== 2) return false;
  return value.some((part) => typeof part === 'string') && value.some(Number.isInteger);
}

/**
 * Reads objects such as `{"id": 0, "name": "cat"}`. Without indices, the order of the list counts.
 */
function readObjects(list: readonly Json[]): string[] {
  const named = list.map(nameOf);
  const indexField = INDEX_FIELDS.find((field) => list.every((item) => isIndex(own(item, field))));
  if (indexField === undefined) return named;
  return orderNames(
    named.map((name, place) => [Number(list[place]![indexField]), name] as const),
    'a list',
  );
}

function readRecord(record: Json): string[] {
  const entries = Object.entries(record);
  const isByName = entries.length > 0 && entries.every(([, value]) => Number.isInteger(value));
  if (isByName) {
    return orderNames(
      entries.map(([name, index]) => [index, name] as const),
      'an object',
    );
  }
  const indices = entries.filter(([key]) => /^\d+$/.test(key));
  if (entries.length === 0 || indices.length === 0) {
    const keys = entries.slice(0, 3).map(([key]) => key.slice(0, 40));
    throw new GradcamError(
      'argument',
      `labels: expected ${LABEL_FORMS}; found an object ${keys.length === 0 ? 'without fields' : `of ${keys.join(', ')}${entries.length > 3 ? ', ..' : ''}, which must name each class or hold id2label or labels`}`,
    );
  }
  return orderNames(
    entries.map(([key, value]) => {
      const name = isRecord(value) ? nameOf(value) : joinName(value);
      return [/^\d+$/.test(key) ? Number(key) : null, name] as const;
    }),
    'an object',
  );
}

function nameOf(item: Json): string {
  const field = NAME_FIELDS.find((name) => typeof own(item, name) === 'string');
  if (field !== undefined) return (item[field] as string).trim();
  throw new GradcamError(
    'argument',
    `labels: expected a name, or a list of its parts, found an object without ${NAME_FIELDS.slice(0, 3).join(', ')}`,
  );
}

/** The name in `["n02108089", "boxer"]` or `"boxer"`. */
function joinName(value: unknown): string {
  const parts: readonly unknown[] = Array.isArray(value) ? value : [value];
  for (const part of parts) {
    if (typeof part === 'string' || typeof part === 'number') continue;
    throw new GradcamError(
      'argument',
      `labels: expected a name, or a list of its parts, found ${kindOf(part)}`,
    );
  }
  return parts.join(' ').trim();
}

function kindOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}

/** Whether a value is an index: a whole number from 0 up, or its digits in a string. */
function isIndex(value: unknown): boolean {
  const isDigits = typeof value === 'string' && /^\d{1,9}$/.test(value);
  return isDigits || (Number.isInteger(value) && (value as number) >= 0);
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

function isRecord(value: unknown): value is Json {
  return isObject(value) && !Array.isArray(value);
}

function own(record: Json, name: string): unknown {
  return Object.hasOwn(record, name) ? record[name] : undefined;
}

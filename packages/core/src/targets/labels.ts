import { GradcamError } from '../errors.ts';

/** Names of a model's classes, in index order. */
export interface ClassNames {
  /** `name` or `name, synonym, ..` */
  readonly labels: readonly string[];
  /** WordNet ids; empty where the classes have none. */
  readonly wnids: readonly string[];
}

/**
 * Reads a list of labels: synset lines (`n02108089 boxer`), plain lines, a JSON list of names, the
 * JSON object of Keras (`{"242": ["n02108089", "boxer"]}`), or one of names to indices.
 *
 * @throws GradcamError `argument` for broken JSON, names that are no texts, or an object that does not
 *   name each class once.
 */
export function parseLabels(text: string): ClassNames {
  const trimmed = text.trim();
  if (trimmed === '') return { labels: [], wnids: [] };
  if (!/^[[{]/.test(trimmed)) return splitLines(trimmed.split(/\r?\n/));
  let json: unknown;
  try {
    json = JSON.parse(trimmed);
  } catch (cause) {
    throw new GradcamError('argument', 'labels: the text begins like JSON and is not', { cause });
  }
  return splitLines(Array.isArray(json) ? json.map(joinName) : orderNames(json as object));
}

/** `["n02108089", "boxer"]` or `"boxer"`. */
function joinName(value: unknown): string {
  const parts: readonly unknown[] = Array.isArray(value) ? value : [value];
  for (const part of parts) {
    if (typeof part === 'string' || typeof part === 'number') continue;
    const found =
      part === null
        ? 'null'
        : Array.isArray(part)
          ? 'a list'
          : typeof part === 'object'
            ? 'an object'
            : `a ${typeof part}`;
    throw new GradcamError(
      'argument',
      `labels: expected a name, or a list of its parts, found ${found}`,
    );
  }
  return parts.join(' ');
}

function orderNames(record: object): string[] {
  const entries = Object.entries(record).map(([key, value]: [string, unknown]) =>
    /^\d+$/.test(key) ? ([Number(key), joinName(value)] as const) : ([value, key] as const),
  );
  const names = new Array<string | undefined>(entries.length);
  for (const [index, name] of entries) {
    // Within the list: a large number would make it as long.
    if (typeof index === 'number' && index < entries.length) names[index] = name;
  }
  const missing = names.findIndex((name) => name === undefined);
  if (missing >= 0 || names.length !== entries.length) {
    throw new GradcamError(
      'argument',
      `labels: an object of ${entries.length} names must name each of the classes 0..${entries.length - 1}, ${Math.max(missing, 0)} has none`,
    );
  }
  return names as string[];
}

function splitLines(lines: readonly string[]): ClassNames {
  const parsed = lines.map((line) => /^(n\d{8})[\s,]+(.*)$/.exec(line.trim()));
  if (lines.length > 0 && parsed.every((match) => match !== null)) {
    return {
      labels: parsed.map((match) => match[2]!.trim()),
      wnids: parsed.map((match) => match[1]!),
    };
  }
  return { labels: lines.map((line) => line.trim()), wnids: [] };
}

/** The first of a label's synonyms: short enough for a caption. */
export function shortLabel(label: string): string {
  return label.split(',')[0]!.trim();
}

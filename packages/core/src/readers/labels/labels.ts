import { GradcamError } from '../../base/errors.ts';
import { readLabelJson } from './label-json.ts';
import { readLabelLines } from './label-lines.ts';
import { isLabelYaml, readLabelYaml } from './label-yaml.ts';

/** Names of a model's classes, in index order. */
export interface ClassNames {
  /** `name` or `name, synonym, ..` */
  readonly labels: readonly string[];
  /** WordNet ids; empty where the classes have none. */
  readonly wnids: readonly string[];
}

/** Bytes of a file of labels; ImageNet's 21,841 names with all synonyms are under one MiB. */
export const MAX_LABELS_BYTES = 16 * 1024 * 1024;

/** As many classes as no net has; a list of them takes 100 MB at most. */
const MAX_LABELS = 1_000_000;

/**
 * Reads the names of classes in the forms that people have them:
 *
 * - lines: plain, numbered (`0 Cats`, `1: Cats`; only where the numbers count on from 0 or 1), synsets
 *   (`n02108089 boxer`), or a table with a header (`index,name`) or without (`0,cat`);
 * - JSON: a list of names, of pairs (`[0, "cat"]`, `["n02108089", "boxer"]`) or of objects
 *   (`{"id": 0, "name": "cat"}`), or an object from indices to those (`{"242": ["n02108089", "boxer"]}`),
 *   from names to indices (Keras's `class_indices`), or one with such a thing as `id2label` or `label2id`
 *   (Hugging Face), `labels` (Teachable Machine), `label_names` (timm), `names` or `classes`;
 * - YAML: the `names:` of YOLO's data files.
 *
 * Byte order marks, any line ends and blank lines at the end are no part of a name.
 *
 * @throws GradcamError `argument` naming the forms, for anything else; for names that are no texts, an index
 *   that is missing or given twice, and files over the limits.
 */
export function parseLabels(text: string): ClassNames {
  const trimmed = text.trim();
  if (trimmed.length > MAX_LABELS_BYTES) {
    throw new GradcamError(
      'argument',
      `labels: ${trimmed.length} characters, the limit is ${MAX_LABELS_BYTES}`,
    );
  }
  if (trimmed === '') return { labels: [], wnids: [] };
  const names = readNames(trimmed);
  if (names.length > MAX_LABELS) {
    throw new GradcamError('argument', `labels: ${names.length} names, the limit is ${MAX_LABELS}`);
  }
  return splitSynsets(names);
}

function readNames(text: string): string[] {
  if (/^[[{]/.test(text)) {
    let json: unknown;
    try {
      json = JSON.parse(text);
    } catch (cause) {
      throw new GradcamError('argument', 'labels: the text begins like JSON and is not', { cause });
    }
    return readLabelJson(json);
  }
  return isLabelYaml(text) ? readLabelYaml(text) : readLabelLines(text);
}

/** WordNet ids that stand before all of the names. */
function splitSynsets(names: readonly string[]): ClassNames {
  const parsed = names.map((name) => /^(n\d{8})[\s,]+(.*)$/.exec(name));
  if (names.length > 0 && parsed.every((match) => match !== null)) {
    return {
      labels: parsed.map((match) => match[2]!.trim()),
      wnids: parsed.map((match) => match[1]!),
    };
  }
  return { labels: names, wnids: [] };
}

/**
 * The text of a file of labels: UTF-8, or UTF-16 where a byte order mark says so, as Windows saves it.
 *
 * @throws GradcamError `argument` for other bytes, whose letters would be wrong names.
 */
export function decodeLabels(bytes: Uint8Array): string {
  const [first, second] = bytes;
  const isUtf16 = (first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff);
  const encoding = !isUtf16 ? 'utf-8' : first === 0xff ? 'utf-16le' : 'utf-16be';
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new GradcamError(
      'argument',
      'labels: the file is no UTF-8 text; save it as UTF-8 (or it is no list of names)',
      { cause },
    );
  }
}

/** The first of a label's synonyms: short enough for a caption. */
export function shortLabel(label: string): string {
  return label.split(',')[0]!.trim();
}

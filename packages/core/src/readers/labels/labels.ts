import { GradcamError } from '../../base/errors.ts';
import { readLabelJson } from './label-json.ts';
import { readLabelLines } from './label-lines.ts';
import { isLabelMap, readLabelMap } from './label-map.ts';
import { isLabelScript, readLabelLiteral, readLabelScript } from './label-script.ts';
import { isLabelYaml, readLabelYaml } from './label-yaml.ts';

/** Names of a model's classes, in index order. */
export interface ClassNames {
  /** `name` or `name, synonym, ..` */
  readonly labels: readonly string[];
  /** WordNet ids; empty where the classes have none. */
  readonly wnids: readonly string[];
}

/**
 * Most bytes of a file of labels. ImageNet's 21,841 names with all synonyms take less than 1 MiB.
 */
export const MAX_LABELS_BYTES = 16 * 1024 * 1024;

/** Most classes, more than any net has. A list of this many names takes 100 MB at most. */
const MAX_LABELS = 1_000_000;

/**
 * Reads the names of classes in the forms that people have:
 *
 * - lines: plain, numbered (`0 Cats`, `1: Cats`, only where the numbers count up from 0 or 1), synsets
 *   (`n02108089 boxer`), or a table with a header (`index,name`) or without (`0,cat`);
 * - JSON: a list of names, of pairs (`[0, "cat"]`, `["n02108089", "boxer"]`) or of objects (`{"id": 0,
 *   "name": "cat"}`); an object from indices to any of these (`{"242": ["n02108089", "boxer"]}`); an
 *   object from names to indices (Keras's `class_indices`); or an object that holds one of these as
 *   `id2label` or `label2id` (Hugging Face), `labels` (Teachable Machine), `label_names` (timm),
 *   `names` or `classes`;
 * - YAML: the `names:` of YOLO's data files;
 * - a label map of TensorFlow's Object Detection API (`item { id: 1 name: 'cat' }`);
 * - JavaScript that holds one list or object of names and is not run, and the same in Python's notation.
 *
 * Byte order marks, line ends of any kind and blank lines at the end do not become part of a name.
 *
 * @throws GradcamError `argument` naming the forms, for any other text; for names that are not strings,
 *   an index that is missing or given twice, and files beyond the limits.
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
  if (/^[[{]/.test(text)) return readLabelJson(parseBrackets(text));
  if (isLabelMap(text)) return readLabelMap(text);
  if (isLabelScript(text)) return readLabelJson(readLabelScript(text));
  return isLabelYaml(text) ? readLabelYaml(text) : readLabelLines(text);
}

function parseBrackets(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    try {
      return readLabelLiteral(text);
    } catch {
      throw new GradcamError('argument', 'labels: the text begins like JSON and is not', { cause });
    }
  }
}

/** Separates WordNet ids from the names, if every name begins with one. */
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
 * Decodes a file of labels: UTF-8, or UTF-16 where a byte order mark says so, as Windows saves it.
 *
 * @throws GradcamError `argument` for bytes in another encoding, because their letters would be wrong.
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

/** The first synonym of a label, which is short enough for a caption. */
export function shortLabel(label: string): string {
  return label.split(',')[0]!.trim();
}

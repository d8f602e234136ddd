import type { ScoreFunction } from '../engines/port/score-function.ts';
import { dropUndefined } from '../base/drop-undefined.ts';
import { GradcamError } from '../base/errors.ts';
import type { Target } from '../run/result-line.ts';
import type { AimedTarget } from './aimed-target.ts';
import { parseBoxTarget, type BoxTargetSpec } from './box-target.ts';
import { findClass } from './find-class.ts';
import { shortLabel, type ClassNames } from '../readers/labels/labels.ts';
import {
  countClasses,
  describeOutput,
  outputKindOf,
  type OutputShape,
} from '../network/output-kind.ts';
import { parsePlaceTarget, type PlaceTargetSpec } from './place-target.ts';
import { readSimilar, type SimilarTarget, type SimilarTargetSpec } from './similar-target.ts';
import type { WordTargetSpec } from './word-target.ts';

/** A target as it was read, before it is resolved for an image; see {@link readTarget}. */
export type TargetSpec =
  | ClassTargetSpec
  | PlaceTargetSpec
  | BoxTargetSpec
  | SimilarTargetSpec
  | WordTargetSpec
  | { readonly kind: 'function'; readonly scalar: ScoreFunction };

/** A target of an output with classes; see {@link parseTarget}. */
export type ClassTargetSpec =
  | { readonly kind: 'rank'; readonly rank: number }
  | { readonly kind: 'class'; readonly index: number }
  | { readonly kind: 'not'; readonly index: number }
  | { readonly kind: 'contrast'; readonly index: number; readonly than: number };

/** A target as a program states it. */
export type TargetChoice = string | number | ScoreFunction | SimilarTarget;

/**
 * Reads a target for an output of any kind. It is a function of the scores, a text that {@link
 * parseTarget} reads where the output has classes, or one of these:
 *
 * - `value`: the only number of an output without classes, or the sum of the numbers of a map.
 *   `not:value` is its negative: what makes it small.
 * - `region:<class>`, on a map: the sum of a class's scores over all places whose best class it is, as
 *   in Seg-Grad-CAM (Vinogradova et al. 2020, arXiv 2002.11434). `region:<class>@x,y,width,height`
 *   takes only the places inside a rectangle of the original image. A class alone means its region.
 * - `pixel:<class>@x,y`, on a map: the score of a class at one pixel of the original image.
 * - `element:<i,j,..>`: any number of the output, by its index on each axis.
 * - `box:<n>`, on a detector: the score of the n-th box in the list of the image, 1 for the best.
 *   `box:<n>:<class>` is the score of another class there. A class alone means its best box.
 * - `{ kind: 'similar', image }`, on an embedding: its cosine with the embedding of another image.
 *
 * @throws GradcamError `not-found` or `argument` like {@link parseTarget}, and for a target that the
 *   output does not have.
 */
export function readTarget(
  target: TargetChoice,
  names: ClassNames,
  output: OutputShape,
): TargetSpec[] {
  if (typeof target === 'object') {
    if ('kind' in target) return [readSimilar(target, output)];
    return [{ kind: 'function', scalar: target }];
  }
  const text = String(target).trim();
  const { detector } = output;
  if (detector !== undefined) {
    const boxes = parseBoxTarget(text, names, detector);
    if (boxes !== null) return boxes;
  }
  const place = parsePlaceTarget(text, names, output);
  if (place !== null) return [place];
  refuseForeign(text, names, output);
  const kind = outputKindOf(output);
  const count = countClasses(output);
  if (count === 0 && kind !== 'table') {
    if (/^(top1|0)$/i.test(text)) return [{ kind: 'value' }];
    if (/^not:\s*(value|0)$/i.test(text)) return [{ kind: 'not', index: 0 }];
  }
  if (count === 0) {
    const next =
      kind === 'table'
        ? 'element:<i,j,..>, any one of its numbers (inspect says what is known of them)'
        : 'value or not:value';
    throw new GradcamError(
      'argument',
      `target ${text}: the output is ${describeOutput(output)}, without classes; give ${next}`,
    );
  }
  return parseTarget(text, names, count).map((spec) =>
    kind === 'map' && spec.kind === 'class' ? { kind: 'region', index: spec.index } : spec,
  );
}

/**
 * Refuses targets that only other outputs have. A class may have such a name: with a class `box`,
 * `box:cat` asks why box rather than cat.
 */
function refuseForeign(text: string, { labels }: ClassNames, output: OutputShape): void {
  const [, word] = /^(box|similar):/i.exec(text) ?? [];
  const isClass = labels.some((label) => shortLabel(label).toLowerCase() === word?.toLowerCase());
  if (output.detector !== undefined) {
    throw new GradcamError(
      'argument',
      `target ${text}: a detector takes box:<n>, box:<n>:<class>, a class for its best box, or element:<i,j,..>`,
    );
  }
  if (word === undefined || isClass) return;
  const found = `this output is ${describeOutput(output)}`;
  throw new GradcamError(
    'argument',
    word.toLowerCase() === 'box'
      ? `target ${text}: expected an output of boxes as YOLO or SSD write them, before non-maximum suppression; ${found}; say how to read it with --boxes, or explain any number with element:<i,j,..>`
      : `target ${text}: expected the pixels of the other image, { kind: 'similar', image }`,
  );
}

/**
 * Reads `242`, `boxer`, `n02108089`, `top1`, `top3` (three targets), `not:boxer`, `242:281`.
 *
 * A name matches a label or one of its comma-separated synonyms in any case.
 *
 * @throws GradcamError `not-found` for a name that no class has (similar names are listed) or that
 *   several classes have (all are listed); `argument` for an index that the model does not have.
 */
export function parseTarget(text: string, names: ClassNames, classes: number): ClassTargetSpec[] {
  const trimmed = text.trim();
  const top = /^top(\d+)$/i.exec(trimmed);
  if (top !== null) {
    const count = Number(top[1]);
    if (count < 1) {
      throw new GradcamError(
        'argument',
        `target ${text}: topN asks for the N most probable classes, with N of 1 or more; give top1 for the most probable`,
      );
    }
    if (count > classes) {
      throw new GradcamError('argument', `target ${text}: the model has ${classes} classes`);
    }
    return Array.from({ length: count }, (_, rank) => ({ kind: 'rank', rank }) as const);
  }
  const find = (name: string): number => findClass(name.trim(), names, classes);
  if (/^not:/i.test(trimmed)) return [{ kind: 'not', index: find(trimmed.slice(4)) }];
  const [first, second, ...rest] = trimmed.split(':');
  if (second !== undefined && rest.length === 0) {
    return [{ kind: 'contrast', index: find(first!), than: find(second) }];
  }
  return [{ kind: 'class', index: find(trimmed) }];
}

/** What a pass resolved a target to. */
export interface ResolvedClass {
  readonly classIndex: number;
  readonly names: ClassNames;
  /** Whether the output has rows and columns, where a class means its region; default false. */
  readonly isMap?: boolean;
  /** For a target that is a box: which box it is. */
  readonly box?: AimedTarget['box'] | undefined;
}

/**
 * The target as results state it, with the class that a pass resolved it to.
 */
export function resolveTarget(
  spec: TargetSpec,
  { classIndex, names, isMap = false, box }: ResolvedClass,
): Target {
  const label = names.labels[classIndex];
  const target = dropUndefined({
    index: classIndex,
    label: label === undefined ? undefined : shortLabel(label),
  });
  switch (spec.kind) {
    case 'function':
      return { kind: 'function', index: -1, label: spec.scalar.name };
    case 'similar':
      return { kind: 'similar', index: -1, label: spec.name };
    case 'word':
      return { kind: 'word', index: spec.token, label: spec.word, place: spec.place };
    case 'sentence':
      return { kind: 'sentence', index: -1, label: spec.sentence };
    case 'value':
      return { kind: 'value', index: -1 };
    case 'element':
      return { kind: 'element', index: -1, element: spec.at };
    case 'contrast':
      return { kind: 'contrast', ...target, than: spec.than };
    case 'region':
      return dropUndefined({ kind: 'region' as const, ...target, at: spec.within });
    case 'pixel':
      return { kind: 'pixel', ...target, at: { x: spec.x, y: spec.y } };
    case 'box':
      return dropUndefined({ kind: 'box' as const, ...target, box: box?.number, at: box?.at });
    case 'not':
      return { kind: 'not', ...target };
    default:
      return { kind: isMap ? 'region' : 'class', ...target };
  }
}

/** Kinds of targets that only their labels tell apart. */
const named: ReadonlySet<Target['kind']> = new Set(['function', 'similar', 'sentence']);

/**
 * A name for a target among those of its image, for keys and addresses. Two targets have the same key
 * only when they are equal.
 */
export function targetKey({
  kind,
  index,
  label,
  than,
  at,
  element,
  box,
  place: word,
}: Target): string {
  const number = than ?? box ?? word;
  const other = number === undefined ? '' : `:${number}`;
  const place = at === undefined ? (element ?? []) : Object.values(at);
  const where = place.length === 0 ? '' : `@${place.join(',')}`;
  return `${kind}:${named.has(kind) ? label : index}${other}${where}`;
}

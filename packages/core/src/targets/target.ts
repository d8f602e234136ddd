import type { ScoreFunction } from '../engines/port/score-function.ts';
import { GradcamError } from '../base/errors.ts';
import type { Target } from '../run/run.ts';
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

/** What an explanation is of, as a user states it; see {@link readTarget}. */
export type TargetSpec =
  | ClassTargetSpec
  | PlaceTargetSpec
  | BoxTargetSpec
  | SimilarTargetSpec
  | { readonly kind: 'function'; readonly scalar: ScoreFunction };

/** A target among classes; see {@link parseTarget}. */
export type ClassTargetSpec =
  | { readonly kind: 'rank'; readonly rank: number }
  | { readonly kind: 'class'; readonly index: number }
  | { readonly kind: 'not'; readonly index: number }
  | { readonly kind: 'contrast'; readonly index: number; readonly than: number };

/** A target as a program states it. */
export type TargetChoice = string | number | ScoreFunction | SimilarTarget;

/**
 * A target as a program states it, for an output of any kind: a function of the scores, what
 * {@link parseTarget} reads where the output has classes, and
 *
 * - `value`: the one number of an output that has no classes; of a map of numbers, their sum. `not:value`
 *   is its negative: what makes it small;
 * - `region:<class>`: of a map, the sum of a class's scores over all places whose best class it is, as
 *   in Seg-Grad-CAM (Vinogradova et al. 2020, arXiv 2002.11434); `region:<class>@x,y,width,height` only
 *   of the places inside a rectangle of the original image. A class alone means its region;
 * - `pixel:<class>@x,y`: of a map, the score of a class at one pixel of the original image;
 * - `element:<i,j,..>`: any single number of the output, by its place along each axis;
 * - `box:<n>`: of a detector, the score of the n-th of the boxes that are listed for the image, 1 for the
 *   best; `box:<n>:<class>` the score of another class there. A class alone means its best box;
 * - `{ kind: 'similar', image }`: of an embedding, its cosine with that of another image.
 *
 * @throws GradcamError `not-found` or `argument` as {@link parseTarget}, and for a target that the
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
      kind === 'table' ? 'element:<i,j,..>, any one of its numbers' : 'value or not:value';
    throw new GradcamError(
      'argument',
      `target ${text}: the output is ${describeOutput(output)}, without classes; give ${next}`,
    );
  }
  return parseTarget(text, names, count).map((spec) =>
    kind === 'map' && spec.kind === 'class' ? { kind: 'region', index: spec.index } : spec,
  );
}

/** What other outputs have; a class may be called so, as in `box:cat`, why the one rather than the other. */
function refuseForeign(text: string, { labels }: ClassNames, output: OutputShape): void {
  const [, word] = /^(box|similar):/i.exec(text) ?? [];
  const isClass = labels.some((label) => shortLabel(label).toLowerCase() === word?.toLowerCase());
  if (output.detector !== undefined) {
    throw new GradcamError(
      'argument',
      `target ${text}: of a detector give box:<n>, box:<n>:<class>, a class for its best box, or element:<i,j,..>`,
    );
  }
  if (word === undefined || isClass) return;
  const found = `this output is ${describeOutput(output)}`;
  throw new GradcamError(
    'argument',
    word.toLowerCase() === 'box'
      ? `target ${text}: expected a detector's boxes as YOLO or SSD write them, before non-maximum suppression; ${found}; say how to read it with --boxes, or explain any number with element:<i,j,..>`
      : `target ${text}: expected the pixels of the other image, { kind: 'similar', image }`,
  );
}

/**
 * Reads `242`, `boxer`, `n02108089`, `top1`, `top3` (three targets), `not:boxer`, `242:281`.
 *
 * Names match a label or one of its comma-separated synonyms, whatever the case.
 *
 * @throws GradcamError `not-found` for a name that no class has, listing near ones, or that several
 *   have, listing all; `argument` for an index that the model does not have.
 */
export function parseTarget(text: string, names: ClassNames, classes: number): ClassTargetSpec[] {
  const trimmed = text.trim();
  const top = /^top(\d+)$/i.exec(trimmed);
  if (top !== null) {
    const count = Number(top[1]);
    if (count < 1) {
      throw new GradcamError(
        'argument',
        `target ${text}: topN is the N most probable classes, N from 1; give top1 for the most probable`,
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

/**
 * A target with the class that a run gave it.
 *
 * @param isMap whether the output has rows and columns, where a class is its region.
 * @param box of a box: which it is.
 */
export function settleTarget(
  spec: TargetSpec,
  classIndex: number,
  names: ClassNames,
  isMap = false,
  box?: AimedTarget['box'],
): Target {
  if (spec.kind === 'function') return { kind: 'function', index: -1, label: spec.scalar.name };
  if (spec.kind === 'value') return { kind: 'value', index: -1 };
  if (spec.kind === 'element') return { kind: 'element', index: -1, element: spec.at };
  if (spec.kind === 'similar') return { kind: 'similar', index: -1, label: spec.name };
  const label = names.labels[classIndex];
  const target = {
    index: classIndex,
    ...(label === undefined ? {} : { label: shortLabel(label) }),
  };
  switch (spec.kind) {
    case 'contrast':
      return { kind: 'contrast', ...target, than: spec.than };
    case 'region':
      return {
        kind: 'region',
        ...target,
        ...(spec.within === undefined ? {} : { at: spec.within }),
      };
    case 'pixel':
      return { kind: 'pixel', ...target, at: { x: spec.x, y: spec.y } };
    case 'box':
      return {
        ...{ kind: 'box', ...target },
        ...(box === undefined ? {} : { box: box.number }),
        ...(box?.at === undefined ? {} : { at: box.at }),
      };
    case 'not':
      return { kind: 'not', ...target };
    default:
      return { kind: isMap ? 'region' : 'class', ...target };
  }
}

/** Names a target among those of its image, for keys and addresses: equal for equal targets only. */
export function targetKey({ kind, index, label, than, at, element, box }: Target): string {
  const other = (than ?? box) === undefined ? '' : `:${than ?? box}`;
  const place = at === undefined ? (element ?? []) : Object.values(at);
  const where = place.length === 0 ? '' : `@${place.join(',')}`;
  return `${kind}:${kind === 'function' || kind === 'similar' ? label : index}${other}${where}`;
}

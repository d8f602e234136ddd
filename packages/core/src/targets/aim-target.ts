import type { BoxList } from './detect/list-boxes.ts';
import type { ResolvedSeed, SeedClass } from '../engines/port/seed.ts';
import type { Geometry } from '../image/geometry.ts';
import { GradcamError } from '../base/errors.ts';
import { aimAtMap, readsMapScores } from './aim-at-map.ts';
import type { AimedTarget } from './aimed-target.ts';
import { aimAtBox } from './box-target.ts';
import type { ClassNames } from '../readers/labels/labels.ts';
import { countClasses, outputKindOf, type OutputShape } from '../network/output-kind.ts';
import { flatIndex } from './place-target.ts';
import type { ClassTargetSpec, TargetSpec } from './target.ts';
import { aimAtWords } from './word-target.ts';

/** What is known about an image before targets are aimed at it. */
export interface AimAt {
  readonly geometry: Geometry;
  /** The model's scores of the image, where {@link readsScores} is true; else null. */
  readonly scores: ArrayLike<number> | null;
  /** The boxes that a detector finds in the image; null for other outputs. */
  readonly boxes: BoxList | null;
  readonly names: ClassNames;
}

/** Whether targets can only be aimed when the scores of the image are known. */
export function readsScores(specs: readonly TargetSpec[], output: OutputShape): boolean {
  const kind = outputKindOf(output);
  return kind === 'boxes' || (kind === 'map' && specs.some(readsMapScores));
}

/**
 * Resolves a target for one image. Places of the image become places of the output. On an output with
 * rows and columns, a class becomes the places where this image has the class.
 *
 * @throws GradcamError `argument` for a place outside the part of the image that the model saw.
 */
export function aimTarget(
  spec: TargetSpec,
  output: OutputShape,
  { geometry, scores, boxes, names }: AimAt,
): AimedTarget {
  if (spec.kind === 'function' || spec.kind === 'similar')
    return ofNoClass({ scalar: spec.scalar });
  if (spec.kind === 'word' || spec.kind === 'sentence') return aimAtWords(spec);
  const { detector } = output;
  if (spec.kind === 'box') {
    if (detector === undefined || boxes === null) throw new Error('boxes must be listed first');
    return aimAtBox(spec, { ...output, detector }, boxes, names);
  }
  if (spec.kind === 'element') {
    const index = flatIndex(spec.at, output.shape);
    const isPlain =
      output.activation === 'linear' && (countClasses(output) === 0 || detector !== undefined);
    const aimed = ofNoClass({ class: index });
    return isPlain ? aimed : { ...aimed, probabilityOf: (probabilities) => probabilities[index] };
  }
  if (outputKindOf(output) === 'map') return aimAtMap(spec, output, scores, geometry);
  if (spec.kind === 'value') return ofNoClass({ class: 0 });
  if (spec.kind === 'region' || spec.kind === 'pixel') {
    throw new GradcamError('argument', `target ${spec.kind}: the output has no rows and columns`);
  }
  return outputKindOf(output) === 'binary' ? aimAtSide(spec) : aimAtClass(spec);
}

/** A target that is about no class and whose probability is not known. */
export function ofNoClass(of: SeedClass): AimedTarget {
  return { seed: { score: 'logit', of }, classOf: () => -1, probabilityOf: () => undefined };
}

function aimAtClass(spec: ClassTargetSpec): AimedTarget {
  return {
    seed: { score: 'logit', of: seedClassOf(spec) },
    classOf: ({ classIndex }) => classIndex,
    probabilityOf: (probabilities, { classIndex }) => probabilities[classIndex],
  };
}

function seedClassOf(spec: ClassTargetSpec): SeedClass {
  switch (spec.kind) {
    case 'rank':
      return { rank: spec.rank };
    case 'class':
      return { class: spec.index };
    case 'not':
      return { not: spec.index };
    case 'contrast':
      return { contrast: [spec.index, spec.than] };
  }
}

/**
 * A target of an output with one sigmoid, which is two classes: the score speaks for class 1, and the
 * negative score for class 0. Evidence for one class is evidence against the other, so a contrast is
 * its first class.
 */
function aimAtSide(spec: ClassTargetSpec): AimedTarget {
  const sideOf = (resolved: ResolvedSeed): number => (resolved.gradient[0]! > 0 ? 1 : 0);
  const isNot = spec.kind === 'not';
  const classOf = (resolved: ResolvedSeed): number =>
    isNot ? 1 - sideOf(resolved) : sideOf(resolved);
  const favoured = spec.kind === 'rank' ? null : isNot ? 1 - spec.index : spec.index;
  return {
    seed: {
      score: 'logit',
      of: spec.kind === 'rank' ? { rank: spec.rank } : favoured === 1 ? { class: 0 } : { not: 0 },
    },
    classOf,
    probabilityOf: ([positive = NaN], resolved) =>
      classOf(resolved) === 1 ? positive : 1 - positive,
  };
}

import type { ScoreFunction } from '../engine/score-function.ts';
import type { Seed } from '../engine/seed.ts';
import { GradcamError } from '../errors.ts';
import { shortLabel, type ClassNames } from './labels.ts';
import { nearestNames } from './nearest-names.ts';

/** What an explanation is of, as a user states it; see {@link readTarget}. */
export type TargetSpec =
  ClassTargetSpec | { readonly kind: 'function'; readonly scalar: ScoreFunction };

/** What can be written on a command line; see {@link parseTarget}. */
export type ClassTargetSpec =
  | { readonly kind: 'rank'; readonly rank: number }
  | { readonly kind: 'class'; readonly index: number }
  | { readonly kind: 'not'; readonly index: number }
  | { readonly kind: 'contrast'; readonly index: number; readonly than: number };

/** A target after a run: always with the class it came to, as it stands in `results.jsonl`. */
export interface Target {
  readonly kind: 'class' | 'not' | 'contrast' | 'function';
  /** Of a function -1: it is about no class. */
  readonly index: number;
  /** Of a function its name. */
  readonly label?: string;
  /** For `contrast`: the other class. */
  readonly than?: number;
}

/**
 * A target as a program states it: a function of the scores, or what {@link parseTarget} reads.
 *
 * @throws GradcamError as {@link parseTarget}.
 */
export function readTarget(
  target: string | number | ScoreFunction,
  names: ClassNames,
  classes: number,
): TargetSpec[] {
  if (typeof target === 'object') return [{ kind: 'function', scalar: target }];
  return parseTarget(String(target), names, classes);
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
    if (count < 1 || count > classes) {
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

function findClass(name: string, { labels, wnids }: ClassNames, classes: number): number {
  if (/^\d+$/.test(name)) {
    const index = Number(name);
    if (index < classes) return index;
    throw new GradcamError('argument', `class ${index} is not in 0..${classes - 1}`);
  }
  const wanted = name.toLowerCase();
  const matches = labels.flatMap((label, index) => {
    const synonyms = label.toLowerCase().split(',');
    const isMatch =
      wnids[index] === wanted ||
      label.toLowerCase() === wanted ||
      synonyms.some((synonym) => synonym.trim() === wanted);
    return isMatch ? [index] : [];
  });
  if (matches.length === 1) return matches[0]!;
  if (matches.length > 1) {
    const list = matches.map((index) => `${index} (${labels[index]})`).join(', ');
    throw new GradcamError('not-found', `'${name}' names several classes: ${list}; give the index`);
  }
  if (labels.length === 0) {
    throw new GradcamError(
      'not-found',
      `'${name}': this model has no class names; give an index in 0..${classes - 1} or a list of labels`,
    );
  }
  const synonyms = labels.flatMap((label) => label.split(',').map((synonym) => synonym.trim()));
  const candidates = nearestNames(name, synonyms);
  throw new GradcamError('not-found', `no class '${name}'; near: ${candidates.join(', ')}`, {
    candidates,
  });
}

/** The seed of a target's logit: what a run differentiates. */
export function targetSeed(spec: TargetSpec): Seed {
  switch (spec.kind) {
    case 'rank':
      return { score: 'logit', of: { rank: spec.rank } };
    case 'class':
      return { score: 'logit', of: { class: spec.index } };
    case 'not':
      return { score: 'logit', of: { not: spec.index } };
    case 'contrast':
      return { score: 'logit', of: { contrast: [spec.index, spec.than] } };
    case 'function':
      return { score: 'logit', of: { scalar: spec.scalar } };
  }
}

/** A target with the class that a run gave it. */
export function settleTarget(spec: TargetSpec, classIndex: number, names: ClassNames): Target {
  if (spec.kind === 'function') return { kind: 'function', index: -1, label: spec.scalar.name };
  const label = names.labels[classIndex];
  return {
    kind: spec.kind === 'rank' ? 'class' : spec.kind,
    index: classIndex,
    ...(label === undefined ? {} : { label: shortLabel(label) }),
    ...(spec.kind === 'contrast' ? { than: spec.than } : {}),
  };
}
